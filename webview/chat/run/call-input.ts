// What a call was given, as lines that people read: `path: src/a.ts`. Pure.

const maxShownChars = 20_000;

/** Of JSON that was cut, or is none, as it is. */
export function inputText(json: string): string {
  const values = valuesOf(json);
  if (!values) return json.slice(0, maxShownChars);
  return Object.entries(values)
    .map(([name, value]) => {
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      return text.includes('\n') ? `${name}:\n${text}` : `${name}: ${text}`;
    })
    .join('\n')
    .slice(0, maxShownChars);
}

function valuesOf(json: string): object | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

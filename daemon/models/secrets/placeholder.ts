// The placeholder of a secret in a text for a model elsewhere. A model reads it, but it must never come back into a document, where
// it would replace the secret itself.

export function placeholderFor(kind: string): string {
  return `[redacted: ${kind}]`;
}

/** As it was written, or as a model may repeat it from memory. */
const placeholder = /\[\s*redacted\b[^\]\n]{0,80}\]/gi;

/** Whether `text` has a placeholder that `original` does not have, or has it more often. */
export function addsPlaceholder(text: string, original: string): boolean {
  const found: string[] = text.match(placeholder) ?? [];
  const left: string[] = original.match(placeholder) ?? [];
  return found.some((each) => {
    const place = left.indexOf(each);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

// What stands in a text in place of a secret that a model elsewhere must not see. It is written for a model to read, and must
// never come back into a document: there it would take the place of the secret itself.

export function placeholderFor(kind: string): string {
  return `[redacted: ${kind}]`;
}

/** As it was written, or as a model may have it from memory. */
const standIn = /\[\s*redacted\b[^\]\n]{0,80}\]/gi;

/** Whether `text` has a stand-in that `original` does not have, or has it more often. */
export function addsPlaceholder(text: string, original: string): boolean {
  const found: string[] = text.match(standIn) ?? [];
  const left: string[] = original.match(standIn) ?? [];
  return found.some((each) => {
    const place = left.indexOf(each);
    if (place >= 0) left.splice(place, 1);
    return place < 0;
  });
}

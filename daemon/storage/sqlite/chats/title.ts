// A chat's name when the user gave none: the first line of what was asked.

const maxTitleLength = 60;

/** The first line that says something, cut on a word border; empty when there is none. */
export function titleFrom(text: string): string {
  const line = text.split(/\r\n|\r|\n/).find((candidate) => candidate.trim() !== '') ?? '';
  const words = line.trim().replace(/\s+/g, ' ');
  const characters = [...words]; // by code point, so that no emoji is cut in two
  if (characters.length <= maxTitleLength) return words;
  const start = characters.slice(0, maxTitleLength).join('');
  const border = characters[maxTitleLength] === ' ' ? start.length : start.lastIndexOf(' ');
  return `${(border > 0 ? start.slice(0, border) : start).trimEnd()}…`;
}

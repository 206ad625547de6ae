// A chat's name when the user gave none: the first line of what was asked; and the name of a copy.

const maxTitleLength = 60;
const maxForkedLength = 480; // with its suffix a title may be 500 long

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

/** The title of a copy of a chat: "Trains (fork)", then "Trains (fork 2)". `taken`: titles there are. Empty where the chat has none. */
export function forkTitle(title: string, taken: readonly string[]): string {
  if (title === '') return '';
  const base = titleWithoutFork(title);
  const known = new Set(taken);
  for (let count = 1; ; count++) {
    const fork = `${base} (fork${count === 1 ? '' : ` ${count}`})`;
    if (!known.has(fork)) return fork;
  }
}

/** What the titles of all forks of a chat begin with. */
export function titleWithoutFork(title: string): string {
  const base = title.replace(/ \(fork(?: \d+)?\)$/, '');
  return [...base].slice(0, maxForkedLength).join('');
}

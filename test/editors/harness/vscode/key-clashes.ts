// Which of our keybindings take something away from VS Code's own. Pure.

export interface Keybinding {
  /** Chords, with spaces between them. */
  key: string;
  command: string;
}

/** Ours that are the same as another's, begin like it, or are its beginning, as `ours: theirs (key)`. Contexts don't count. */
export function keyClashes(ours: readonly Keybinding[], theirs: readonly Keybinding[]): string[] {
  return ours.flatMap((own) =>
    theirs
      .filter(({ key }) => isBeginning(own.key, key) || isBeginning(key, own.key))
      .map(({ key, command }) => `${own.command}: ${command} (${key})`),
  );
}

function isBeginning(beginning: string, key: string): boolean {
  const [first, whole] = [chordsOf(beginning), chordsOf(key)];
  return first.every((chord, i) => chord === whole[i]);
}

const modifiers = ['ctrl', 'shift', 'alt', 'cmd', 'meta', 'win'];

/** With their modifiers in one order. */
function chordsOf(key: string): string[] {
  return key
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .map((chord) => {
      const parts = chord.split('+');
      const held = modifiers.filter((modifier) => parts.includes(modifier));
      return [...held, ...parts.filter((part) => !modifiers.includes(part))].join('+');
    });
}

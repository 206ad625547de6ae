// What a run has said, where it is told again from its beginning: only what is new is shown. Pure, but for what it knows.

/** Lives as long as a run is known. */
export class ShownText {
  #said = '';
  /** How much of that was said again; undefined where nothing is. */
  #at: number | undefined;
  /** Said again since the last other part. */
  #since = '';

  again(said: string): void {
    if (said !== '') this.#said = said;
    this.#at = 0;
    this.#since = '';
  }

  break(): void {
    this.#since = '';
  }

  /** The pieces to show. */
  add(text: string): string[] {
    if (this.#at === undefined) {
      this.#said += text;
      return [text];
    }
    const known = this.#said.slice(this.#at);
    const [inKnown, inText] = sameLength(known, text);
    this.#since += text;
    if (text.slice(inText).trim() === '') {
      this.#at += inKnown;
      return [];
    }
    this.#at = undefined;
    const rest = known.slice(inKnown).trim() === '' ? text.slice(inText) : `\n\n${this.#since}`; // it's said in other words now
    this.#said += rest;
    return [rest];
  }
}

/** How far two texts are the same, in characters of each, but for spaces: what is stored has fewer of them. */
function sameLength(a: string, b: string): [inA: number, inB: number] {
  let [i, j] = [0, 0];
  for (;;) {
    const [nextI, nextJ] = [afterSpaces(a, i), afterSpaces(b, j)];
    if (nextI >= a.length || nextJ >= b.length || a[nextI] !== b[nextJ]) return [i, j];
    [i, j] = [nextI + 1, nextJ + 1];
  }
}

function afterSpaces(text: string, at: number): number {
  let next = at;
  while (next < text.length && /\s/.test(text[next] ?? '')) next++;
  return next;
}

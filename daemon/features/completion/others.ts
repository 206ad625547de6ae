// Pieces of other files that a prompt begins with: where the user was lately, and what defines the names near the cursor.
import { basename } from 'node:path';
import { isInside } from '../../base/paths.ts';
import { hasRulesHere, notebookOf, toPath } from '../../base/uri.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Code, CodePiece } from '../../storage/code.ts';

export interface OtherPiece {
  /** Of its file, as a prompt names it. */
  name: string;
  text: string;
}

interface RecentPlace {
  uri: string;
  line: number;
}

const maxPlaces = 12;
const linesAround = 16;

/** Where a session's user edited, or asked for a suggestion. Lives as long as the session. */
export class RecentPlaces {
  /** The newest last. */
  #places: RecentPlace[] = [];

  note(uri: string, line: number): void {
    const isNear = (place: RecentPlace): boolean => place.uri === uri && Math.abs(place.line - line) <= linesAround;
    this.#places = [...this.#places.filter((place) => !isNear(place)), { uri, line }].slice(-maxPlaces);
  }

  /** Of other documents than this one, the newest last. */
  beside(uri: string): readonly RecentPlace[] {
    return this.#places.filter((place) => place.uri !== uri);
  }
}

interface OthersRequest {
  uri: string;
  /** Some lines before the cursor. */
  near: string;
  places: readonly RecentPlace[];
  /** Of all pieces together. */
  chars: number;
  /** The client's folders, as URIs. */
  roots: readonly string[];
  document(uri: string): { getText(): string } | undefined;
  /** Other cells of the same notebook, the one that was changed last at the end. */
  cells: readonly { uri: string; getText(): string }[];
}

const maxNames = 6;
const maxDefinitionChars = 600;

/**
 * The newest places stand last, next to the code; nothing of files that no model may see. What has its ignore files elsewhere goes only
 * beside its like, which no cloud is sent.
 */
export async function piecesFor(
  { uri, near, places, cells, chars, roots, document }: OthersRequest,
  { gate, code }: { gate: ModelGate; code: Pick<Code, 'symbols'> },
): Promise<OtherPiece[]> {
  const defined = await definitionsOf(near, foldersFor(uri, roots), code);
  const isBeside = (other: { uri: string }): boolean => hasRulesHere(other.uri) || !hasRulesHere(uri);
  const told = places.filter((place) => isBeside(place) && cells.every((cell) => cell.uri !== place.uri));
  const found = [
    ...cells
      .filter(isBeside)
      .toReversed()
      .map((cell) => ({ uri: cell.uri, text: cell.getText() })),
    ...told.toReversed().flatMap((place) => {
      const text = document(place.uri)?.getText();
      return text === undefined ? [] : { uri: place.uri, text: linesNear(text, place.line) };
    }),
    ...defined
      .filter((piece) => piece.uri !== uri)
      .map(({ uri, text }) => ({ uri, text: text.slice(0, maxDefinitionChars) })),
  ];
  const kept: OtherPiece[] = [];
  let left = chars;
  for (const piece of found) {
    if (piece.text.length > left || piece.text.trim() === '') continue;
    if ((await gate.refusal(piece.uri, roots, '')) !== undefined) continue;
    left -= piece.text.length;
    kept.push({ name: nameOf(piece.uri), text: piece.text });
  }
  return kept.reverse();
}

/** The folder that a file is in comes first. */
function foldersFor(uri: string, roots: readonly string[]): string[] {
  const path = toPath(uri);
  const isOwn = (root: string): boolean => path !== undefined && isInside(path, toPath(root) ?? root);
  return roots.toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a)));
}

/** Names with a capital or an underscore inside, or before a bracket: those of a project rather than words of a language. */
async function definitionsOf(
  near: string,
  folders: readonly string[],
  code: Pick<Code, 'symbols'>,
): Promise<CodePiece[]> {
  const names = [...near.matchAll(/\b[A-Za-z_]\w{3,}(?=\s*\()|\b[A-Z]\w{3,}|\b\w+_\w+/g)]
    .map(([name]) => name)
    .reverse();
  const some = [...new Set(names)].slice(0, maxNames);
  const found = await Promise.all(some.map((name) => definitionOf(name, folders, code)));
  return found.flat();
}

/** Of the first folder that defines it. */
async function definitionOf(
  name: string,
  folders: readonly string[],
  code: Pick<Code, 'symbols'>,
): Promise<CodePiece[]> {
  for (const folder of folders) {
    const found = await code.symbols(folder, name, 1).catch(() => []);
    if (found.length > 0) return found;
  }
  return [];
}

function linesNear(text: string, line: number): string {
  return text
    .split('\n')
    .slice(Math.max(0, line - linesAround), line + linesAround)
    .join('\n');
}

export function nameOf(uri: string): string {
  return basename(toPath(uri) ?? notebookOf(uri) ?? uri);
}

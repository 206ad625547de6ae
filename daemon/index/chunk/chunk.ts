// A file cut into pieces that can be found and shown: along its syntax where that is understood, else into windows.
import type { Language } from './languages.ts';
import type { Parsers } from './parsers.ts';
import { syntaxChunks } from './syntax.ts';
import { windows } from './windows.ts';

export type ChunkKind = 'function' | 'class' | 'type' | 'module' | 'window';

export interface Chunk {
  kind: ChunkKind;
  /** Such as `createRouter` or `Router.select`; empty where nothing is named. */
  symbol: string;
  /** Lines from 0; the end is not part of it. */
  startLine: number;
  endLine: number;
  /** The lines themselves, without the last line break. */
  text: string;
  /** What stands around it and is needed to understand it: the heads of the classes it is in. */
  context: string;
}

/** What a chunk may hold. Larger ones say too much at once to be found by, and cost too much of a prompt. */
export const mostChunkLines = 60;
export const mostChunkCharacters = 2400;

/** Chunks in the file's order; together they hold every line that is not blank. A file that cannot be parsed is cut into windows. */
export async function chunksOf(text: string, { syntax, parsers }: { syntax?: Language | undefined; parsers: Parsers }): Promise<Chunk[]> {
  const lines = text.split(/\r\n|\n|\r/);
  const parser = syntax && (await parsers.of(syntax.grammar));
  const tree = parser?.parse(lines.join('\n'));
  if (!syntax || !tree) return windows(lines, { startLine: 0, endLine: lines.length });
  try {
    return syntaxChunks(tree.rootNode, lines, syntax);
  } finally {
    tree.delete();
  }
}

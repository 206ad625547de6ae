// A piece of a file that can be found and shown.

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
export const maxChunkLines = 60;
export const maxChunkCharacters = 2400;

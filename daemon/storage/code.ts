// The code of indexed folders as the rest of the daemon asks for it.

/** A file of an indexed folder, as it was when it was indexed. */
export interface KnownFile {
  /** From the root, with `/` between its parts. */
  path: string;
  stamp: string;
  hash: string;
}

/** Lines are from 0; the end is not part of it. */
export interface CodeChunk {
  /** Such as `Router.select`; empty where nothing is named. */
  symbol: string;
  startLine: number;
  endLine: number;
  text: string;
}

export interface IndexedFile extends KnownFile {
  language: string;
  chunks: readonly CodeChunk[];
}

export interface CodePiece extends CodeChunk {
  uri: string;
  languageId?: string;
}

/** The code of indexed folders, in pieces that `Search` finds. Roots are URIs without a slash at their end. */
export interface Code {
  files(root: string): Promise<KnownFile[]>;
  /** Puts a file's pieces in place of those it had. */
  put(root: string, file: IndexedFile): Promise<void>;
  /** The same content under a new stamp. */
  touch(root: string, file: KnownFile): Promise<void>;
  remove(root: string, paths: readonly string[]): Promise<void>;
  /** Removes a folder with all its files. */
  forget(root: string): Promise<void>;
  counts(root: string): Promise<{ files: number; chunks: number }>;
  /** Those of these references (a hit's `id`) that are still there, in their order. */
  pieces(references: readonly string[]): Promise<CodePiece[]>;
  /** Pieces named so, whole or behind a dot, in any case; the exact ones first. */
  symbols(root: string, name: string, limit: number): Promise<CodePiece[]>;
  /** Pieces in whose names this occurs, in any case; those that begin with it first. */
  namesLike(root: string, part: string, limit: number): Promise<CodePiece[]>;
}

// What the daemon and its indexer say to each other.
import type { Chunk } from './chunk/chunk.ts';
import type { SyntaxFaults, SyntaxRequest } from './chunk/faults.ts';
import type { Declaration, OutlineRequest } from './chunk/outline.ts';
import type { LeftOut } from './left-out.ts';

/** A file as it was when it was last indexed. */
export interface KnownFile {
  path: string;
  stamp: string;
  hash: string;
}

/** A file that is new or has changed. */
export interface IndexedFile extends KnownFile {
  language: string;
  chunks: Chunk[];
}

export interface ScanRequest {
  /** Absolute path of the folder. */
  root: string;
  known: readonly KnownFile[];
  /** Only these, where it is known what changed; paths from the root. A folder's own path stands for all that is in it. */
  only?: readonly string[];
  /** Folders that are never indexed, wherever they are. */
  ownFolders: readonly string[];
}

/** What a scan finds, as it finds it. */
export type ScanPart =
  /** How many files there are; known before the first is read. `folders` are those that were entered, for watching. */
  | { kind: 'found'; files: number; folders: string[] }
  | { kind: 'file'; file: IndexedFile }
  /** Read again, and found to be as before: only its stamp is new. */
  | { kind: 'touched'; file: KnownFile }
  | { kind: 'gone'; paths: string[] }
  /** So many files of those found were looked at. */
  | { kind: 'progress'; done: number }
  | { kind: 'note'; sentence: string }
  /** Of a scan of the whole folder. */
  | { kind: 'left-out'; leftOut: LeftOut[] };

/** By the shape of `ChildProtocol`. */
export type IndexerProtocol = {
  requests: {
    scan: { params: ScanRequest; part: ScanPart; result: undefined };
    outline: { params: OutlineRequest; part: never; result: Declaration[] | undefined };
    faults: { params: SyntaxRequest; part: never; result: SyntaxFaults[] | undefined };
  };
  /** `stored`: a file or a touched one was stored, so another may come. */
  toChild: { kind: 'pause' } | { kind: 'resume' } | { kind: 'stored' };
  fromChild: never;
};

// Where mentions are looked up: the index and search of the session's profile, the files in its folders that models may
// see, its open documents, and git.

import { realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { maxPictureBytes } from '../../../shared/pictures.ts';
import { counted } from '../../../shared/words/counted.ts';
import { uriWithin } from '../../base/uri.ts';
import type { IndexStatus } from '../../code-index/indexed-root.ts';
import { filesUnder, readInside, readText } from '../../code-index/walk.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import type { Reranker } from '../../models/embedding/reranker.ts';
import type { Code } from '../../storage/code.ts';
import type { Find } from '../search/search.ts';
import type { MentionSources } from './gather.ts';

export interface SourcesDeps {
  /** Of the session's profile. */
  code: Code;
  profile: string;
  find: Find;
  reranker: Reranker;
  ignore: Ignore;
  /** The text of an open document. */
  document(uri: string): string | undefined;
  /** Reads the text of a picture; `name` is what sentences call it. */
  recognize(picture: { bytes: Uint8Array; name: string }, signal: AbortSignal): Promise<{ text: string }>;
  diff(root: string, signal: AbortSignal): Promise<string>;
  problems(): string[];
  status(root: string): Promise<IndexStatus>;
  /** Why a folder is not indexed, as a clause. */
  whyOff(): string;
}

const maxWaitMs = 10_000; // for the embedding model; a good answer is worth more than the delay

export function createSources({
  code,
  profile,
  find,
  reranker,
  ignore,
  document,
  recognize,
  diff,
  problems,
  status,
  whyOff,
}: SourcesDeps): MentionSources {
  return {
    diff,
    problems,
    findSymbol: (name, { root, limit }) => code.symbols(root, name, limit),
    async searchCode(query, { root, limit, signal }) {
      // A question has no search syntax, so what looks like a filter or a phrase is searched as words.
      const words = query.replace(/["*:]|(?<=^|\s)-/g, ' ');
      const { hits } = await find(
        { profile, query: words, meaning: query, kinds: ['code'], project: root, limit, waitMs: maxWaitMs },
        signal,
      );
      return code.pieces(hits.map(({ id }) => id));
    },
    ...(reranker.isOn && {
      async rerank(query, pieces, signal) {
        const texts = pieces.map(({ text }) => text);
        const { order, note } = await reranker.rank(query, texts, signal);
        return { pieces: order.flatMap((place) => pieces[place] ?? []), note };
      },
    }),
    async *listFolder(path, root) {
      const folder = fileURLToPath(root);
      for await (const file of filesUnder({ root: folder, ignore, from: path })) yield file.path;
    },
    async read(path, root) {
      const folder = fileURLToPath(root);
      if ((await ignore.isIgnored(path, folder)).ignored) return undefined;
      const open = document(uriWithin(root, path));
      if (open !== undefined) return open;
      const real = await realpath(folder).catch(() => folder);
      return readText(real, path);
    },
    async recognize(path, root, signal) {
      const folder = fileURLToPath(root);
      if ((await ignore.isIgnored(path, folder)).ignored) return undefined;
      const real = await realpath(folder).catch(() => folder);
      const bytes = await readInside(real, path, maxPictureBytes + 1).catch(() => undefined);
      return bytes && (await recognize({ bytes, name: basename(path) }, signal)).text;
    },
    async indexNote(root) {
      const { state, done, total, error } = await status(root);
      const name = basename(fileURLToPath(root));
      switch (state) {
        case 'off':
          return `${name} isn't indexed: ${whyOff()}.`;
        case 'waiting':
          return `${name} is about to be indexed again, so these results may be out of date.`;
        case 'scanning':
          return `${name} is still being indexed (${done} of ${counted(total ?? 0, 'file')}), so some code can't be found yet.`;
        case 'paused':
          return `Indexing ${name} is paused ${error ?? ''} (${done} of ${counted(total ?? 0, 'file')}), so some code can't be found yet.`;
        case 'failed':
          return `Couldn't index all of ${name}: ${error ?? 'the reason is in the log'}.`;
        case 'ready':
          return undefined;
      }
    },
  };
}

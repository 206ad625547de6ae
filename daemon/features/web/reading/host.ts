// Entry of the child that reads pages: a process of low priority that may read the program's own files and nothing else, since pages are
// written by anybody, and one can be made so that reading it takes hours or all memory.
import { constants, setPriority } from 'node:os';
import { serveParent } from '../../../base/process/child-peer.ts';
import type { ReadingProtocol } from './messages.ts';
import { readHtml } from './read-html.ts';

try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // Not every system lets it; then it runs like any other process.
}

serveParent<ReadingProtocol>({
  answers: { read: async (given) => readHtml(given) },
});

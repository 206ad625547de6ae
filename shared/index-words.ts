// How far the code that a window or a browser's view works on is indexed, in one sentence for all its folders. Pure.
import type { IndexStatusResult } from './protocol/code-index.ts';
import type { IndexState } from './webview.ts';
import { counted } from './words/counted.ts';

/** The states, the most urgent first. */
const order: readonly IndexStatusResult['state'][] = ['failed', 'scanning', 'waiting', 'paused', 'ready', 'off'];

/** Undefined where there is no folder. */
export function indexState(folders: readonly IndexStatusResult[]): IndexState | undefined {
  const [first] = folders.toSorted((one, other) => order.indexOf(one.state) - order.indexOf(other.state));
  if (!first) return undefined;
  const sum = (of: 'files' | 'chunks' | 'done' | 'total'): number =>
    folders.reduce((total, folder) => total + folder[of], 0);
  return { state: first.state, detail: sentence(first, sum) };
}

function sentence(
  { state, error }: IndexStatusResult,
  sum: (of: 'files' | 'chunks' | 'done' | 'total') => number,
): string {
  switch (state) {
    case 'off':
      return "The code isn't indexed.";
    case 'waiting':
      return 'The code is waiting to be indexed.';
    case 'scanning':
      return sum('total') > 0
        ? `Indexing the code: ${sum('done')} of ${sum('total')} files`
        : 'Indexing the code: looking for files';
    case 'paused':
      return `Indexing is paused${error ? `: ${error}` : '.'}`;
    case 'ready':
      return `${counted(sum('files'), 'file')} indexed, in ${counted(sum('chunks'), 'piece')}`;
    case 'failed':
      return `Couldn't index the code${error ? `: ${error}` : '.'}`;
  }
}

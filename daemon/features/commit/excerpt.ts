// What of staged changes fits into a prompt. Every file is named with its kind of change and its counts; then the files share the room
// for diffs: a short diff is whole, and the long ones are cut after the same number of characters, at the end of a line. Pure.
import { redact } from '../../models/secrets/scanner.ts';
import type { StagedFile } from './staged.ts';

interface Excerpt {
  text: string;
  /** How many files' diffs are not whole. */
  cutFiles: number;
  /** The kinds of secrets that were masked, each as often as it was found. */
  secrets: string[];
}

const maxNamedFiles = 100;
const maxScannedChars = 1_000_000; // files beyond it are named only
const letters = { added: 'A', deleted: 'D', renamed: 'R', changed: 'M' } as const;
/** Written by tools: their diffs say nothing that the others don't. */
const generated =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|go\.sum|[\w.-]+\.lock|[\w.-]+\.min\.(?:js|css)|[\w.-]+\.map)$/;

export function excerptOf(files: readonly StagedFile[], maxChars: number): Excerpt {
  const named = files.slice(0, maxNamedFiles).map(nameOf);
  if (files.length > maxNamedFiles) named.push(`and ${files.length - maxNamedFiles} more files`);
  const list = redact(clipped(named.join('\n'), Math.floor(maxChars / 2)));
  // Masked before anything is cut: half of a secret is not recognized.
  const masked = scannable(files).map(({ shown }) => redact(shown));
  const shares = fairShares(
    masked.map(({ text }) => text.length),
    maxChars - list.text.length,
  );
  const parts = masked.map(({ text }, index) => clipped(text, shares[index] ?? 0));
  return {
    text: [list.text, ...parts.filter((part) => part !== '')].join('\n'),
    cutFiles: files.length - masked.filter(({ text }, index) => text.length <= (shares[index] ?? 0)).length,
    secrets: [list, ...masked].flatMap(({ secrets }) => secrets.map(({ kind }) => kind)),
  };
}

function nameOf({ kind, path, formerPath, addedLines, removedLines }: StagedFile): string {
  const from = formerPath === undefined ? '' : ` (was ${formerPath})`;
  return `${letters[kind]} ${path}${from} +${addedLines} -${removedLines}`;
}

function scannable(files: readonly StagedFile[]): StagedFile[] {
  let room = maxScannedChars;
  return files.filter(({ path, shown }) => {
    if (generated.test(path) || shown.length > room) return false;
    room -= shown.length;
    return true;
  });
}

/** The shortest first: what one doesn't need is left to the longer ones. */
function fairShares(lengths: readonly number[], room: number): number[] {
  const shares: number[] = new Array(lengths.length).fill(0);
  const order = [...lengths.keys()].sort((a, b) => (lengths[a] ?? 0) - (lengths[b] ?? 0));
  let left = Math.max(0, room);
  for (const [rank, index] of order.entries()) {
    const share = Math.min(lengths[index] ?? 0, Math.floor(left / (order.length - rank)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}

function clipped(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const end = text.lastIndexOf('\n', maxChars);
  if (end <= 0) return '';
  const left = text.slice(end + 1).match(/\n/g)?.length ?? 1;
  return `${text.slice(0, end)}\n[${left} more lines]`;
}

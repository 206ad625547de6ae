// What went along with a question, sorted for showing. Pure.
import type { Attachment } from '../../../shared/protocol/chat.ts';
import { plural } from '../../words.ts';

type Kind = Attachment['kind'];

export interface FoundGroup {
  kind: Kind;
  /** `12 pieces of code` */
  label: string;
  attachments: readonly Attachment[];
}

/** Kinds that come in numbers, in the order in which they are shown. */
const foundWords: Partial<Record<Kind, (count: number) => string>> = {
  code: (count) => plural(count, ['{0} piece of code', '{0} pieces of code']),
  symbol: (count) => plural(count, ['{0} definition', '{0} definitions']),
  folder: (count) => plural(count, ['{0} file of a folder', '{0} files of a folder']),
};

/** Groups found attachments of a kind where there are several; the rest stay single. */
export function foundGroups(attachments: readonly Attachment[]): { single: Attachment[]; groups: FoundGroup[] } {
  const groups = Object.entries(foundWords).flatMap(([name, words]): FoundGroup[] => {
    const kind = name as Kind;
    const members = attachments.filter((attachment) => attachment.kind === kind);
    return members.length > 1 ? [{ kind, label: words(members.length), attachments: members }] : [];
  });
  const grouped = new Set(groups.map(({ kind }) => kind));
  return { single: attachments.filter(({ kind }) => !grouped.has(kind)), groups };
}

/** Whether it lies in a file that can be opened. */
export function isPlace({ kind, uri }: Pick<Attachment, 'kind' | 'uri'>): boolean {
  return !uri.startsWith('dropped:') && kind !== 'problems' && kind !== 'diff' && kind !== 'terminal';
}

const previewLines = 8;
const previewChars = 1200;

/** The beginning of a piece of code. */
export function preview(text: string): string {
  const lines = text.split('\n');
  const begin = lines.slice(0, previewLines).join('\n').slice(0, previewChars);
  return begin.length < text.length ? `${begin}\n…` : begin;
}

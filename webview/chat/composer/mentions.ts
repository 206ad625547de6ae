// The `@` of a question while it is typed: what stands before the caret, what may follow, and the text once one is chosen. Pure.
import type { Suggestion, SuggestionKind } from '../../../shared/protocol/context.ts';
import { t } from '../../words.ts';

type MentionKind = SuggestionKind | 'codebase' | 'problems' | 'diff' | 'terminal';

/** A mention that is being typed: where its `@` stands, and what follows. */
export interface TypedMention {
  readonly start: number;
  /** Absent while the kind itself is typed. */
  readonly kind?: SuggestionKind;
  readonly query: string;
}

export type Choice =
  /** `command`: one of those that a question may begin with. */
  | { readonly kind: MentionKind | 'command'; readonly isKind: true; readonly name: string; readonly detail: string }
  | (Suggestion & { readonly isKind?: false });

const mentionKinds: readonly { kind: MentionKind; takesName: boolean; detail: string }[] = [
  { kind: 'codebase', takesName: false, detail: t('Code relevant to your question') },
  { kind: 'file', takesName: true, detail: t('A whole file') },
  { kind: 'folder', takesName: true, detail: t('All text files in a folder') },
  { kind: 'symbol', takesName: true, detail: t('A function, a class, …, where it is defined') },
  { kind: 'ocr', takesName: true, detail: t('The text in a picture') },
  { kind: 'diff', takesName: false, detail: t('What changed since the last commit') },
  { kind: 'problems', takesName: false, detail: t('Problems reported by the editor') },
  { kind: 'terminal', takesName: false, detail: t('What is selected in the terminal') },
];

/** Kinds that name nothing: typed out, they are whole. */
export const bareMentions: ReadonlySet<string> = new Set(
  mentionKinds.filter(({ takesName }) => !takesName).map(({ kind }) => kind),
);

// As the daemon reads mentions: not inside a word or an address.
const typing =
  /(?<![\p{L}\p{N}_@/.`-])@(?:(?<kind>file|folder|symbol|ocr):(?:"(?<quoted>[^"\n]*)|(?<plain>[^\s"`]*))|(?<begin>[\p{L}\p{N}_./-]*))$/u;

/** The mention that ends at the caret, if one does. */
export function mentionAt(text: string, caret: number): TypedMention | undefined {
  const { index, groups } = typing.exec(text.slice(0, caret)) ?? {};
  if (index === undefined || !groups) return undefined;
  const kind = groups['kind'] as SuggestionKind | undefined;
  return { start: index, ...(kind && { kind }), query: groups['quoted'] ?? groups['plain'] ?? groups['begin'] ?? '' };
}

/** Kinds first, while a kind may still be meant; then what the index knows. */
export function choicesFor(
  { kind, query }: TypedMention,
  items: readonly Suggestion[],
  hasTerminal: boolean,
): Choice[] {
  if (kind !== undefined) return [...items];
  const wanted = query.toLowerCase();
  const kinds = mentionKinds.filter((row) => row.kind.startsWith(wanted) && (hasTerminal || row.kind !== 'terminal'));
  return [
    ...kinds.map(
      (row): Choice => ({
        kind: row.kind,
        isKind: true,
        name: row.takesName ? `@${row.kind}:` : `@${row.kind}`,
        detail: row.detail,
      }),
    ),
    ...items,
  ];
}

/** The text with the choice in place of what was typed, and where the caret is then. */
export function complete(
  text: string,
  caret: number,
  { typed, choice }: { typed: TypedMention; choice: Choice },
): { text: string; caret: number } {
  const inserted = choice.isKind ? withBlank(choice.name) : withBlank(`@${choice.kind}:${quoted(choice.name)}`);
  const rest = text.slice(caret);
  const after = inserted.endsWith(' ') && rest.startsWith(' ') ? rest.slice(1) : rest;
  return { text: text.slice(0, typed.start) + inserted + after, caret: typed.start + inserted.length };
}

/** A name is still to come after a colon. */
function withBlank(mention: string): string {
  return mention.endsWith(':') ? mention : `${mention} `;
}

function quoted(name: string): string {
  return /[\s`]|[,;!?)\]}.]$/.test(name) ? `"${name}"` : name;
}

// As the daemon leaves them out of a question.
const whole =
  /(?<![\p{L}\p{N}_@/.`-])@(?:(?:codebase|problems|diff|terminal)(?![\p{L}\p{N}_/-]|[.:]\S)|(file|folder|symbol|ocr):(?:"[^"\n]+"|[^\s"`]+))/gu;

/** The mention that a text begins with and beside which it says nothing, so that there is no question; undefined else. */
export function loneMention(text: string): string | undefined {
  const [first] = text.match(whole) ?? [];
  return first !== undefined && text.replace(whole, ' ').trim() === '' ? first.split(':')[0] : undefined;
}

/** What of a text the editor attaches itself: its list of problems, the terminal's selection. */
export function editorMentions(text: string): ('problems' | 'terminal')[] {
  const found = text.matchAll(/(?<![\p{L}\p{N}_@/.`-])@(problems|terminal)(?![\p{L}\p{N}_/-]|[.:]\S)/gu);
  return [...new Set([...found].map(([, kind]) => kind as 'problems' | 'terminal'))];
}

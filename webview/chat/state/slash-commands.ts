// The commands that a question may begin with: our own, and the prompts that folders keep in files. What they are called, and what becomes
// of a draft that begins with one. Pure.
import type { AgentPrompts } from '../../../shared/protocol/agent.ts';
import type { Result } from '../../../shared/protocol/define.ts';
import { t } from '../../words.ts';

export type PromptFile = Result<typeof AgentPrompts>['prompts'][number];

export interface SlashCommand {
  readonly name: 'explain' | 'fix' | 'tests' | 'review' | 'search';
  readonly detail: string;
  /** Of commands that a model answers: what it is asked, before the user's own words. */
  readonly question?: string;
}

const commands: readonly SlashCommand[] = [
  {
    name: 'explain',
    detail: t('Explain the selection or the open file'),
    question: 'Explain what this code does, and why.',
  },
  {
    name: 'fix',
    detail: t('Find and fix what is wrong with it'),
    question: 'Find what is wrong with this code, and fix it.',
  },
  { name: 'tests', detail: t('Write tests for it'), question: 'Write tests for this code.' },
  { name: 'review', detail: t('Review the open file, linters first') },
  { name: 'search', detail: t('Search chats, reviews, and code') },
];

const typed = /^\/([\w.:-]*)$/;
const begun = /^\/(\w+)(?:\s+([\s\S]*))?$/;

export interface SlashChoice {
  readonly name: string;
  readonly detail: string;
}

/** The commands that a draft may still become; none once something follows the name. `canReview`: a page alone can't. */
export function slashChoices(
  draft: string,
  { canReview, prompts }: { canReview: boolean; prompts: readonly PromptFile[] },
): SlashChoice[] {
  const [, beginning] = typed.exec(draft) ?? [];
  if (beginning === undefined) return [];
  const own = commands.filter(({ name }) => canReview || name !== 'review');
  const others = prompts.filter(({ name }) => !commands.some((command) => command.name === name)).map(toChoice);
  return [...own, ...others].filter(({ name }) => name.startsWith(beginning));
}

/** Whether a draft is the beginning of a command. */
export function isSlash(draft: string): boolean {
  return typed.test(draft);
}

/** What to write behind its name comes first. */
function toChoice({ name, description, hint }: PromptFile): SlashChoice {
  return { name, detail: hint === undefined ? description : `${hint} · ${description}` };
}

/** The command that a draft begins with, and the words behind it; undefined where it begins with none. */
export function slashCommandOf(draft: string): { command: SlashCommand; words: string } | undefined {
  const [, name, words = ''] = begun.exec(draft.trim()) ?? [];
  const command = commands.find((known) => known.name === name);
  return command && { command, words: words.trim() };
}

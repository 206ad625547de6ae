// What a finding suggests: kept where it may be applied, else the finding goes without it.
import { textIn } from '../../../base/snippet.ts';
import { addsPlaceholder } from '../../../models/secrets/placeholder.ts';
import type { ReviewTarget } from '../target.ts';
import type { Draft } from '../types.ts';
import type { EditGate } from './gate.ts';
import type { TextEdit } from './placing.ts';

interface SuggestionCheck {
  target: ReviewTarget;
  edits: EditGate;
  signal: AbortSignal;
}

const maxCheckedChars = 20_000_000; // of all versions together: beyond it a tool's own fixes are taken as they are

/** Throws CancelledError. */
export async function withSoundSuggestions(
  drafts: readonly Draft[],
  from: 'analyser' | 'model',
  check: SuggestionCheck,
): Promise<Draft[]> {
  const isTooMuch = drafts.length * check.target.snippet.text.length > maxCheckedChars;
  if (from === 'analyser' && isTooMuch) return [...drafts];
  return Promise.all(
    drafts.map(async ({ replacement, ...draft }) => {
      if (replacement === undefined) return draft;
      const edit = await soundEdit(draft, replacement, { ...check, from });
      return edit ? { ...draft, range: edit.range, replacement: edit.newText } : draft;
    }),
  );
}

async function soundEdit(
  { range }: Pick<Draft, 'range'>,
  replacement: string,
  { target, edits, signal, from }: SuggestionCheck & { from: 'analyser' | 'model' },
): Promise<TextEdit | undefined> {
  if (from === 'analyser') {
    const edit = { range, newText: replacement };
    return (await edits.parsesNoWorse(target, edit, signal)) ? edit : undefined;
  }
  const verdict = await edits.admit({ target, range, answer: replacement, signal });
  if ('why' in verdict) return undefined;
  const original = textIn(target.snippet.text, verdict.edit.range);
  // A placeholder would overwrite the secret that it stands for.
  const { newText } = verdict.edit;
  return newText === original || addsPlaceholder(newText, original) ? undefined : verdict.edit;
}

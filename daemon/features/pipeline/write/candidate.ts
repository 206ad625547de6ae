// What a model's answer makes of the document: an edit, by the gate of edits alone, or a text that can only be read.
import { offsetAt, textIn } from '../../../base/snippet.ts';
import { addsPlaceholder } from '../../../models/secrets/placeholder.ts';
import type { EditForms } from '../edits/edit-forms.ts';
import { fencedBlocks } from '../edits/fences.ts';
import type { TextEdit } from '../edits/placing.ts';
import type { RoleAnswer } from './ask-role.ts';
import type { CheckedText } from './checks.ts';
import type { WriteSubject } from './prompts.ts';

export interface CodeCandidate {
  /** The code, or the answer where it is none. */
  code: string;
  /** Absent where the answer is no edit. */
  edit?: TextEdit;
  checked: CheckedText;
}

/** Throws CancelledError. */
export async function candidateOf(
  { text, reason, format = 'function' }: Pick<RoleAnswer, 'text' | 'reason' | 'format'>,
  { target, lines }: Pick<WriteSubject, 'target' | 'lines'>,
  { forms, signal }: { forms: EditForms; signal: AbortSignal },
): Promise<CodeCandidate> {
  const code = fencedBlocks(text)[0]?.code ?? text;
  const unusable = (why: string): CodeCandidate => ({ code, checked: { why } });
  if (reason === 'content-filter') return unusable('was stopped by the provider or declined by the model');
  if (reason !== 'stop') return unusable('was cut off');
  if (text.trim() === '') return unusable('is empty');
  const verdict = await forms.readAgain({ target, lines, format, answer: text, signal });
  if ('why' in verdict) return unusable(verdict.why);
  const document = target.snippet.text;
  const edit = document === '' ? { ...verdict.edit, newText: `${verdict.edit.newText}\n` } : verdict.edit;
  const original = textIn(document, edit.range);
  if (addsPlaceholder(edit.newText, original)) return unusable('has a placeholder in the place of a secret');
  if (edit.newText === original) return unusable('changes nothing');
  const [start, end] = [edit.range.start, edit.range.end].map((at) => offsetAt(document, at)) as [number, number];
  return { code: edit.newText, edit, checked: { text: document.slice(0, start) + edit.newText + document.slice(end) } };
}

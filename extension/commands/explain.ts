// "Explain": asks about code in a new chat, where the answer streams and can be asked on.
import * as vscode from 'vscode';
import type { Range } from '../../shared/protocol/text.ts';
import type { Context } from '../context.ts';
import { toWire } from '../places.ts';
import { withinAttachment } from './attach.ts';

/** Whole lines are attached, as they are in the editor. */
export async function explain(
  ctx: Context,
  { document, range }: { document: vscode.TextDocument; range: Range },
  problem: string | undefined,
): Promise<void> {
  const last = range.end.character === 0 && range.end.line > range.start.line ? range.end.line - 1 : range.end.line;
  const lines = document.validateRange(new vscode.Range(range.start.line, 0, last, Number.MAX_SAFE_INTEGER));
  const text = document.getText(lines);
  if (!withinAttachment(text)) return;
  const question =
    problem === undefined
      ? 'Explain what this code does, and why it may be written this way.'
      : `Explain this problem, and what to do about it: ${problem}`;
  const { uri, languageId } = document;
  await ctx.chat.ask(question, [{ kind: 'selection', uri: uri.toString(), languageId, range: toWire(lines), text }]);
}

// "Ask Here…": what should be done with the selection, or with the line of the cursor, in the user's own words. The answer is previewed
// while it is written, and can be asked for again, or with more words.
import type { Context } from '../context.ts';
import { syncedEditor, toWire } from '../places.ts';
import type { InlineAsk, InlineTurn } from '../previews/inline-asks.ts';
import { window } from '../window.ts';
import { writeAction } from './code-action.ts';

const maxTurns = 20; // that the daemon takes

export async function askHere(ctx: Context): Promise<void> {
  const editor = syncedEditor('Open a file first.');
  if (!editor) return;
  const { document, selection } = editor;
  const instruction = await instructionFrom('What should change here?');
  if (instruction === undefined) return;
  const range = toWire(selection);
  await run(ctx, { document, version: document.version, range, previous: [], instruction });
}

/** The model is told which answer isn't wanted, if there is one by now. */
export async function retryAsk(ctx: Context): Promise<void> {
  const { current } = ctx.asks;
  if (!current) return;
  const { code, ...ask } = current;
  await run(ctx, ask, { retried: turnsOf(current) });
}

export async function followUpAsk(ctx: Context): Promise<void> {
  const { current } = ctx.asks;
  const instruction = current && (await instructionFrom('What should be different?'));
  if (!current || instruction === undefined) return;
  const { code, ...ask } = current;
  const isAnswered = code !== undefined;
  await run(ctx, {
    ...ask,
    previous: turnsOf(current),
    instruction: isAnswered ? instruction : `${current.instruction}\n${instruction}`,
  });
}

function turnsOf({ previous, instruction, code }: InlineAsk): readonly InlineTurn[] {
  return code === undefined ? previous : [...previous, { instruction, code }];
}

/** The preview of the one before is discarded as the new one begins. `retried` ends with the answer that isn't wanted. */
async function run(ctx: Context, ask: InlineAsk, { retried }: { retried?: readonly InlineTurn[] } = {}): Promise<void> {
  const { document, version, range, previous, instruction } = ask;
  if (document.version !== version) {
    void window.showInformationMessage('The file changed after you asked. Ask again at the place you mean.');
    return;
  }
  await ctx.asks.whileOpen(ask, () =>
    writeAction(ctx, {
      ...{ kind: 'ask', document, range, instruction },
      previous: (retried ?? previous).slice(-maxTurns),
      isRetry: retried !== undefined,
      onCode(code) {
        ctx.asks.answer(ask, code);
      },
    }),
  );
}

async function instructionFrom(prompt: string): Promise<string | undefined> {
  const words = await window.showInputBox({ title: 'Switchyard: Ask Here', prompt });
  return words?.trim() || undefined;
}

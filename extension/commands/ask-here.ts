// "Ask Here…": what should be done with the selection, or with the line of the cursor, in the user's own words. The answer is previewed
// while it is written, and can be asked for again, or with more words.
import type { Context } from '../context.ts';
import { syncedEditor, toWire } from '../places.ts';
import type { InlineAsk } from '../previews/inline-asks.ts';
import { window } from '../window.ts';
import { writeAction } from './code-action.ts';

export async function askHere(ctx: Context): Promise<void> {
  const editor = syncedEditor('Open a file first.');
  if (!editor) return;
  const { document, selection } = editor;
  const instruction = await instructionFrom('What should change here?');
  if (instruction === undefined) return;
  await run(ctx, { document, version: document.version, range: toWire(selection), instructions: [instruction] });
}

export async function retryAsk(ctx: Context): Promise<void> {
  const { current } = ctx.asks;
  if (current) await run(ctx, { ...current, isRetry: true });
}

export async function followUpAsk(ctx: Context): Promise<void> {
  const { current } = ctx.asks;
  const instruction = current && (await instructionFrom('What should be different?'));
  if (current && instruction !== undefined)
    await run(ctx, { ...current, isRetry: false, instructions: [...current.instructions, instruction] });
}

/** The preview of the one before is discarded as the new one begins. */
async function run(ctx: Context, ask: InlineAsk): Promise<void> {
  const { document, version, range, instructions, isRetry = false } = ask;
  if (document.version !== version) {
    void window.showInformationMessage('The file changed after you asked. Ask again at the place you mean.');
    return;
  }
  const instruction = instructions.join('\n');
  await ctx.asks.whileOpen(ask, () => writeAction(ctx, { kind: 'ask', document, range, instruction, isRetry }));
}

async function instructionFrom(prompt: string): Promise<string | undefined> {
  const words = await window.showInputBox({ title: 'Switchyard: Ask Here', prompt });
  return words?.trim() || undefined;
}

// A question from a code action, asked in a new chat: `{text}`.
import type { Context } from '../context.ts';

export async function ask(ctx: Context, argument: unknown): Promise<void> {
  const { text } = (argument ?? {}) as { text?: unknown };
  await (typeof text === 'string' && text.trim() !== '' ? ctx.chat.ask(text) : ctx.chat.focus());
}

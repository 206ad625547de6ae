// `switchyard chat "TEXT"`: asks a model and prints the answer as it comes.
import { text as readAll } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type Attachment, ChatSend } from '../../shared/protocol/chat.ts';
import type { Result } from '../../shared/protocol/define.ts';
import { withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, UsageError } from './kit/command.ts';
import { readNamedFile } from './kit/named-file.ts';
import { clean, printJson, styled } from './kit/terminal.ts';

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      chat: { type: 'string' },
      file: { type: 'string', multiple: true },
      fastest: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  const text = positionals.length > 0 ? positionals.join(' ') : await readPipe();
  if (text.trim() === '') throw new UsageError('Say what to ask.');
  const attachments = await Promise.all(
    (values.file ?? []).map(async (file): Promise<Attachment> => ({ kind: 'file', ...(await readNamedFile(file)) })),
  );
  const params = {
    text,
    attachments,
    ...(values.model && { model: values.model }),
    ...(values.chat && { chatId: values.chat }),
    ...(values.fastest && { fastest: true }),
  };
  const notes: string[] = []; // printed after the answer
  let isWhole = true;
  await withDaemon(
    async (client) => {
      const reply = await client.call(ChatSend, params, (part) => {
        if (values.json) return;
        if (part.kind === 'text') process.stdout.write(clean(part.text));
        if (part.kind === 'thought') process.stdout.write('\n\n'); // what was printed before was reasoning
        if (part.kind === 'memory')
          notes.push(
            `Remember "${part.memory.text}"? \`switchyard memories accept ${part.memory.id}\` does, \`switchyard memories dismiss ${part.memory.id}\` never asks again.`,
          );
        if (part.kind === 'memories')
          notes.push(
            `Used ${part.used.length} ${part.used.length === 1 ? 'memory' : 'memories'}; \`switchyard memories\` lists them.`,
          );
        if (part.kind === 'note') process.stderr.write(`${styled(process.stderr, 'dim', clean(part.text))}\n`);
      });
      isWhole = reply.finishReason === 'stop' && reply.text.trim() !== '';
      if (values.json) printJson(reply);
      else process.stdout.write('\n');
      for (const line of values.json ? [] : [label(reply), ...notes])
        process.stderr.write(`${styled(process.stderr, 'dim', clean(line))}\n`);
    },
    { root: workingFolder() },
  );
  return isWhole ? 0 : 3; // why not is a note on stderr
}

/** All of stdin; empty when it is a terminal. */
async function readPipe(): Promise<string> {
  return process.stdin.isTTY ? '' : await readAll(process.stdin);
}

function label({ decision, usage, chatId, context }: Result<typeof ChatSend>): string {
  const { found = [], summarised = 0, leftOut = 0 } = context ?? {};
  const read = usage.input + usage.cacheRead + usage.cacheWrite;
  const older = [
    found.length > 0 && `${found.length} found again`,
    summarised > 0 && `${summarised} summarised`,
    leftOut > 0 && `${leftOut} left out`,
  ].filter((part) => part !== false);
  const shown = older.length === 0 ? '' : ` · of older messages ${older.join(', ')}`;
  return `${decision.model} · ${decision.reason} · ${read} tokens in, ${usage.output + usage.reasoning} out${shown} · chat ${chatId}`;
}

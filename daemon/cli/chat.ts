// `switchyard chat`: asks a model and prints the answer as it comes, once or line by line.
import { ChatList, ChatMessages, type ChatSend, type SentAttachment } from '../../shared/protocol/chat.ts';
import type { ParamsInput } from '../../shared/protocol/define.ts';
import { printAnswer } from './kit/answer.ts';
import { applyChanges } from './kit/answer-changes.ts';
import { askAtTerminal } from './kit/ask-trust.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, HintedError, json, readArguments, UsageError, withHint } from './kit/command.ts';
import { converse } from './kit/conversation.ts';
import { reportFailure } from './kit/failure.ts';
import { idKinds, wholeId } from './kit/ids.ts';
import { readNamedFile } from './kit/named-file.ts';
import { readNamedPicture } from './kit/named-picture.ts';
import { readPiped, readStdin } from './kit/stdin.ts';
import { printJson } from './kit/terminal.ts';

export const options = {
  model: { type: 'string', value: 'ID', description: 'Ask this model, as listed by `switchyard models`' },
  chat: { type: 'string', value: 'ID', description: 'Continue this chat; the beginning of its ID is enough' },
  last: { type: 'boolean', description: 'Continue the most recent chat' },
  continue: {
    type: 'boolean',
    description: 'Continue the last answer where it was cut off; of the most recent chat without --chat',
  },
  file: { type: 'string', multiple: true, value: 'FILE', description: 'Attach a file' },
  image: { type: 'string', multiple: true, value: 'FILE', description: 'Attach a picture: PNG, JPEG, GIF, or WebP' },
  apply: { type: 'boolean', description: 'Show what the answer changes in files, and ask whether to write it' },
  fastest: { type: 'boolean', description: 'Ask up to three models at once and keep the first answer' },
  'no-cache': { type: 'boolean', description: 'Ask a model even if the answer to this question is cached' },
  'over-budget': { type: 'boolean', description: 'Send this question even if it exceeds a budget' },
  json,
} as const;

const maxQuestionCharacters = 2_000_000;
const maxAttachedCharacters = 1_000_000;

type Question = ParamsInput<typeof ChatSend>;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  if (values.chat !== undefined && values.last) throw new UsageError('Use --chat or --last, not both.');
  if (values.apply && (values.json || values.continue))
    throw new UsageError('Leave out --json and --continue with --apply.');
  if (values.continue) return continueAnswer(values, positionals);
  const isAlone = positionals.length === 0 && process.stdin.isTTY && process.stdout.isTTY && !values.json;
  const asked = isAlone ? { text: '', attachments: [] } : await readQuestion(positionals);
  if (isAlone && values.apply) throw new UsageError('Write a question with --apply.');
  if (!isAlone && asked.text.trim() === '') throw new UsageError('Write a question, or pipe one in.');
  const attachments = await Promise.all([
    ...(values.file ?? []).map(fileAttachment),
    ...(values.image ?? []).map(readNamedPicture),
  ]);
  const question = {
    text: asked.text,
    attachments: [...asked.attachments, ...attachments],
    ...(values.model && { model: values.model }),
    ...(values.fastest && { fastest: true }),
    ...(values['no-cache'] && { noCache: true }),
    ...(values['over-budget'] && { overBudget: true }),
  };
  let isWhole = true;
  await withDaemon(
    async (client) => {
      const chatId = await chatOf(client, values);
      const first = { ...question, ...(chatId && { chatId }) };
      if (isAlone) return talk(client, first);
      const reply = await printAnswer(client, first, { quiet: values.json ?? false });
      isWhole = reply.finishReason === 'stop' && reply.text.trim() !== '';
      if (values.json) printJson(reply);
      if (values.apply) await applyChanges(client, reply, askAtTerminal());
    },
    { root: workingFolder(), heedsInterrupt: isAlone },
  );
  return isWhole ? 0 : 3; // why not is a note on stderr
}

interface ContinueValues {
  chat?: string | undefined;
  file?: string[] | undefined;
  image?: string[] | undefined;
  model?: string | undefined;
  'over-budget'?: boolean | undefined;
  json?: boolean | undefined;
}

async function continueAnswer(values: ContinueValues, positionals: readonly string[]): Promise<ExitCode> {
  if (positionals.length > 0 || values.file || values.image)
    throw new UsageError('Leave out the question with --continue.');
  let isWhole = true;
  await withDaemon(
    async (client) => {
      const chatId = (await chatOf(client, { chat: values.chat, last: true })) ?? '';
      const last = (await client.call(ChatMessages, { chatId, limit: 1 })).messages[0];
      const params = {
        chatId,
        text: '',
        continueOf: last?.id ?? '',
        ...(values.model && { model: values.model }),
        ...(values['over-budget'] && { overBudget: true }),
      };
      const reply = await printAnswer(client, params, { quiet: values.json ?? false });
      isWhole = reply.finishReason === 'stop';
      if (values.json) printJson(reply);
    },
    { root: workingFolder() },
  );
  return isWhole ? 0 : 3;
}

/** The words of the command, to which standard input is attached; or standard input itself, which `-` names. */
async function readQuestion(positionals: readonly string[]): Promise<{ text: string; attachments: SentAttachment[] }> {
  const words = positionals.filter((word) => word !== '-');
  const read = words.length === positionals.length ? readPiped : readStdin;
  if (words.length === 0) return { text: (await read(maxQuestionCharacters)) ?? '', attachments: [] };
  const piped = (await read(maxAttachedCharacters)) ?? '';
  const isEmpty = piped.trim() === '';
  return {
    text: words.join(' '),
    attachments: isEmpty ? [] : [{ kind: 'terminal', uri: 'switchyard:stdin', text: piped }],
  };
}

async function fileAttachment(file: string): Promise<SentAttachment> {
  const document = await readNamedFile(file);
  if (document.text.length <= maxAttachedCharacters) return { kind: 'file', ...document };
  const limit = maxAttachedCharacters.toLocaleString('en-US');
  throw new HintedError(
    'too-long',
    `${file} has more than ${limit} characters, which is too long to attach.`,
    'Pipe in only the lines that matter.',
  );
}

/** The chat to go on in; undefined for a new one. */
async function chatOf(
  client: DaemonClient,
  { chat, last }: { chat?: string | undefined; last?: boolean | undefined },
): Promise<string | undefined> {
  if (chat !== undefined) return wholeId(client, idKinds.chats, chat);
  if (!last) return undefined;
  const newest = (await client.call(ChatList, { limit: 1 })).chats[0];
  if (newest) return newest.id;
  throw new HintedError('no-such-chat', 'No chats yet.', 'Ask a question to start one.');
}

/** A conversation at a terminal. Files go along with its first question. */
async function talk(client: DaemonClient, first: Question): Promise<void> {
  let { chatId, attachments } = first;
  process.stderr.write('Type a question. /exit or Ctrl+D quits; Ctrl+C stops an answer.\n');
  const conversation = {
    input: process.stdin,
    output: process.stdout,
    onInterrupt(interrupt: () => void) {
      process.once('SIGINT', interrupt);
      return () => process.off('SIGINT', interrupt);
    },
    async answer(text: string, signal: AbortSignal) {
      const question = { ...first, text, attachments, ...(chatId && { chatId }) };
      const onChat = (id: string): void => {
        chatId = id;
        attachments = [];
      };
      await printAnswer(client, question, { quiet: false, signal, onChat });
    },
    onFailure: (error: unknown) => void reportFailure(error, { wantsJson: false }),
  };
  try {
    await converse(conversation);
  } catch (error) {
    throw withHint(error, chatId && `To continue this chat, run \`switchyard chat --chat ${chatId}\`.`);
  }
  if (chatId) process.stderr.write(`chat ${chatId}\n`);
}

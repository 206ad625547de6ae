// `switchyard run "TASK"`: lets the agent do a task in a folder, and asks at the terminal before it changes or runs anything. In a mode that
// makes pictures, the task is what the picture shows.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type AgentMode, AgentModes, AgentRun, type CallKind } from '../../shared/protocol/agent.ts';
import { ChatList } from '../../shared/protocol/chat.ts';
import type { ParamsInput } from '../../shared/protocol/define.ts';
import { TrustList, TrustSet } from '../../shared/protocol/trust.ts';
import { CancelledError, UserError } from '../base/errors.ts';
import { shellWord } from '../base/paths.ts';
import { toPath } from '../base/uri.ts';
import { FollowedRun } from './agent/follow-run.ts';
import { makePicture } from './agent/make-picture.ts';
import { type Ask, askAtTerminal, isYes } from './kit/ask-trust.ts';
import { type DaemonClient, withDaemon } from './kit/client.ts';
import { type ExitCode, HintedError, json, readArguments, UsageError } from './kit/command.ts';
import { reportFailure } from './kit/failure.ts';
import { idKinds, wholeId } from './kit/ids.ts';
import { readPiped } from './kit/stdin.ts';
import { clean } from './kit/terminal.ts';

export const options = {
  mode: { type: 'string', value: 'MODE', description: 'Work in this mode, such as act (the default), plan, or coder' },
  root: { type: 'string', value: 'DIR', description: 'Work in this folder instead of the current one' },
  'yes-to': {
    type: 'string',
    value: 'KINDS',
    description:
      "Don't ask about these kinds of calls in this run: read, edit, run, web, or mcp, with commas between. Dangerous ones are asked about anyway",
  },
  'max-usd': { type: 'string', value: 'USD', description: 'Stop when the run has cost this many US dollars' },
  'max-rounds': { type: 'string', value: 'N', description: 'Stop after this many turns of the model (25 by default)' },
  model: { type: 'string', value: 'ID', description: 'Ask this model, as listed by `switchyard models`' },
  chat: { type: 'string', value: 'ID', description: 'Continue this chat; the beginning of its ID is enough' },
  continue: { type: 'boolean', description: 'Continue the most recent chat' },
  out: { type: 'string', value: 'FILE', description: 'With `--mode image`, save the picture here' },
  'over-budget': { type: 'boolean', description: 'With `--mode image`, make the picture even if it exceeds a budget' },
  events: { type: 'boolean', description: 'Print each event as a line of JSON' },
  json,
} as const;

const kinds = ['read', 'edit', 'run', 'web', 'mcp'] as const satisfies readonly CallKind[];
const maxTaskCharacters = 100_000;

type Order = ParamsInput<typeof AgentRun>;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  if (values.chat !== undefined && values.continue) throw new UsageError('Use --chat or --continue, not both.');
  if (values.json && values.events) throw new UsageError('Use --json or --events, not both.');
  const limits = limitsOf(values);
  const task = positionals.length > 0 ? positionals.join(' ') : ((await readPiped(maxTaskCharacters)) ?? '');
  if (task.trim() === '') throw new UsageError('Describe a task.');
  const path = resolve(values.root ?? '.');
  if (!(await isFolder(path))) throw new UsageError(`${path} isn't a folder.`);
  const root = pathToFileURL(path).href;
  const order = {
    task,
    root,
    ...limits,
    ...(values.mode && { mode: values.mode }),
    ...(values.model && { model: values.model }),
  };
  return withDaemon(
    async (client) => {
      const mode = await modeNamed(client, values.mode ?? 'act');
      if (mode?.makes === 'picture') return makePicture(client, { prompt: task, ...values });
      if (values.out !== undefined) throw new UsageError('`--out` goes with `--mode image`.');
      const chatId = await chatOf(client, values);
      const ask = askAtTerminal();
      await settleFolder(client, { root, mode, ask });
      const shows = values.json ? 'json' : values.events ? 'events' : 'text';
      return perform(client, { ...order, ...(chatId && { chatId }) }, new FollowedRun(client, { ask, shows }));
    },
    { root },
  );
}

/** The code to exit with. One that stops before its end is told of as a JSON document with its job, where that was asked for. */
async function perform(client: DaemonClient, order: Order, followed: FollowedRun): Promise<ExitCode> {
  try {
    const ended = await followed.follow((onPart, signal) => client.call(AgentRun, order, onPart, signal));
    return followed.end(ended);
  } catch (error) {
    if (!followed.isJson || !(error instanceof UserError || error instanceof CancelledError)) throw error;
    return reportFailure(error, { wantsJson: true, done: { jobId: followed.jobId } });
  }
}

function limitsOf(values: {
  'yes-to'?: string | undefined;
  'max-usd'?: string | undefined;
  'max-rounds'?: string | undefined;
}): Pick<Order, 'allow' | 'maxUsd' | 'maxRounds'> {
  const { 'yes-to': yesTo, 'max-usd': usd, 'max-rounds': rounds } = values;
  const maxUsd = Number(usd);
  const maxRounds = Number(rounds);
  if (usd !== undefined && !(Number.isFinite(maxUsd) && maxUsd > 0))
    throw new UsageError(`--max-usd takes an amount above 0, such as 0.50, not "${usd}".`);
  if (rounds !== undefined && !(Number.isInteger(maxRounds) && maxRounds >= 1 && maxRounds <= 200))
    throw new UsageError(`--max-rounds takes a number from 1 to 200, not "${rounds}".`);
  return {
    ...(yesTo !== undefined && { allow: yesTo.split(',').map(kindNamed) }),
    ...(usd !== undefined && { maxUsd }),
    ...(rounds !== undefined && { maxRounds }),
  };
}

function kindNamed(word: string): (typeof kinds)[number] {
  const kind = kinds.find((one) => one === word.trim());
  if (kind) return kind;
  throw new UsageError(`--yes-to takes ${kinds.join(', ')}, not "${word.trim()}".`);
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** The chat to go on in; undefined for a new one. */
async function chatOf(
  client: DaemonClient,
  { chat, continue: isNewest }: { chat?: string | undefined; continue?: boolean | undefined },
): Promise<string | undefined> {
  if (chat !== undefined) return wholeId(client, idKinds.chats, chat);
  if (!isNewest) return undefined;
  const newest = (await client.call(ChatList, { limit: 1 })).chats[0];
  if (newest) return newest.id;
  throw new HintedError('no-such-chat', 'No chats yet.', 'Leave out --continue to start one.');
}

/** Undefined where there is none: the run itself says so. */
async function modeNamed(client: DaemonClient, name: string): Promise<AgentMode | undefined> {
  return (await client.call(AgentModes, {})).modes.find(({ id }) => id === name);
}

/** In a folder that isn't trusted there are no tools to work with. Throws HintedError `not-trusted`. */
async function settleFolder(
  client: DaemonClient,
  { root, mode, ask }: { root: string; mode: AgentMode | undefined; ask: Ask | undefined },
): Promise<void> {
  if (mode?.tools.length === 0) return;
  const { asked } = await client.call(TrustList, { uri: root });
  if (!asked || asked.trusted) return;
  const folder = toPath(asked.root) ?? asked.root;
  const question = `Do you trust the files in ${clean(folder)}? The agent reads them, and asks before it changes or runs anything. [y/n] `;
  const trusted = asked.trusted === undefined && ask !== undefined && isYes(await ask(question));
  if (!trusted)
    throw new HintedError(
      'not-trusted',
      `${folder} isn't trusted, so the agent has no tools to work with there.`,
      `To trust it, run \`switchyard trust ${shellWord(folder)}\`.`,
    );
  await client.call(TrustSet, { root: asked.root, trusted });
}

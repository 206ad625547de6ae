// `switchyard eval agent`: lets the configured models do small tasks with tools, and checks what came of it.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AgentApprove, type AgentPart, AgentRun } from '../../../shared/protocol/agent.ts';
import { formatUsd } from '../../../shared/usd.ts';
import { counted } from '../../../shared/words/counted.ts';
import { UserError } from '../../base/errors.ts';
import { askAtTerminal, isYes } from '../kit/ask-trust.ts';
import type { DaemonClient } from '../kit/client.ts';
import type { ExitCode } from '../kit/command.ts';
import { printLine } from '../kit/terminal.ts';
import { type AgentTask, agentTasks, checkProgram } from './agent-tasks.ts';
import { inOwnProfile } from './own-profile.ts';
import { tellMeasured } from './tell-measured.ts';

interface AgentEvaluation {
  model?: string;
  limit?: number;
  /** The beginning of their names. */
  task?: string;
  yes: boolean;
  json: boolean;
}

interface AgentTaskOutcome {
  task: string;
  isDone: boolean;
  /** How the run ended, and why where it was not done; `failed` where it was cut short. */
  outcome: string;
  why?: string;
  rounds: number;
  /** Calls, and those that could not be done. */
  calls: number;
  refused: number;
  tokens: number;
  /** US dollars; `null` when they are unknown. */
  cost: number | null;
  durationMs: number;
}

type Spending = Pick<AgentTaskOutcome, 'rounds' | 'calls' | 'refused' | 'tokens' | 'cost'>;

const checkMs = 10_000;
/** No model could be asked, so that no other task can be done either. */
const noModelCodes: ReadonlySet<string> = new Set([
  ...['no-model', 'model-not-found', 'no-able-model', 'no-healthy-model', 'invalid-config'],
]);

/** Throws UserErrors: `no-such-task`; `not-allowed` where the user does not let models' code run, and what a run throws that finds no model. */
export async function evaluateAgent({
  model,
  limit,
  task: wanted = '',
  yes,
  json,
}: AgentEvaluation): Promise<ExitCode> {
  const named = agentTasks().filter(({ name }) => name.startsWith(wanted));
  if (named.length === 0) throw new UserError('no-such-task', `No task's name begins with "${wanted}".`);
  const tasks = named.slice(0, limit);
  if (!yes) await askToRun(tasks.length);
  const outcomes: AgentTaskOutcome[] = [];
  const work = inOwnProfile(async (client, folder) => {
    for (const [i, task] of tasks.entries()) {
      const outcome = await evaluate(client, task, { folder, place: String(i), ...(model && { model }) });
      outcomes.push(outcome);
      if (!json) printLine(lineOf(outcome));
    }
  });
  return tellMeasured(work, {
    json,
    done: () => outcomes.length,
    of: tasks.length,
    summary: () => ({ ...summaryOf(outcomes), tasks: outcomes }),
    print: () => report(outcomes),
  });
}

/** A run that ended well may have done something else than was asked for: its check says so. */
function lineOf({ task, isDone, outcome, why }: AgentTaskOutcome): string {
  if (isDone) return `done    ${task}`;
  return `${(outcome === 'done' ? 'wrong' : outcome).padEnd(7)} ${task}${why === undefined ? '' : `: ${why}`}`;
}

async function askToRun(count: number): Promise<void> {
  const ask = askAtTerminal();
  const question = `This lets models change files and run programs for ${count} small tasks in a temporary folder. Run it? [y/n] `;
  if (ask && isYes(await ask(question))) return;
  throw new UserError('not-allowed', 'Nothing was run. To let models change files and run programs there, add --yes.');
}

interface TaskPlace {
  /** The evaluation's own folder, and the name of the task's in it. */
  folder: string;
  place: string;
  model?: string;
}

async function evaluate(
  client: DaemonClient,
  task: AgentTask,
  { folder, place, model }: TaskPlace,
): Promise<AgentTaskOutcome> {
  const root = join(folder, place, 'project'); // one name, so that prompts begin alike and are read once
  for (const [path, text] of Object.entries(task.files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const startedAt = performance.now();
  const spent: Spending = { rounds: 0, calls: 0, refused: 0, tokens: 0, cost: null };
  const follow = new Follower(client, spent);
  const request = {
    task: task.ask,
    root: pathToFileURL(root).href,
    allow: ['edit' as const, 'run' as const],
    ...(model && { model }),
  };
  const end = await client
    .call(AgentRun, request, (part) => follow.take(part))
    .catch((error: unknown) => {
      if (!(error instanceof UserError) || noModelCodes.has(error.code)) throw error;
      return { outcome: 'failed', why: error.message, text: '' };
    });
  const check = join(folder, `check-${place}.mjs`);
  await writeFile(check, checkProgram(task));
  return {
    task: task.name,
    isDone: await passes(check, root, end.text),
    outcome: end.outcome,
    ...(end.why !== undefined && { why: end.why }),
    ...spent,
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** Follows a run: counts what it spends, and says no to what must be asked all the same. Lives as long as a run. */
class Follower {
  readonly #client: DaemonClient;
  readonly #spent: Spending;
  #jobId = '';

  constructor(client: DaemonClient, spent: Spending) {
    this.#client = client;
    this.#spent = spent;
  }

  take(part: AgentPart): void {
    if (part.kind === 'started') this.#jobId = part.jobId;
    if (part.kind === 'spent')
      Object.assign(this.#spent, {
        rounds: part.rounds,
        tokens: Object.values(part.usage).reduce((sum, tokens) => sum + tokens, 0),
        cost: part.cost ?? null,
      });
    if (part.kind === 'result') {
      this.#spent.calls++;
      if (!part.ok) this.#spent.refused++;
    }
    if (part.kind !== 'approval') return;
    const { callId, kind } = part.approval;
    const reply = kind === 'ask' ? { reply: 'Nobody is here. Do what you think is best.' } : {};
    const decision = kind === 'ask' ? 'once' : 'deny';
    // A run that has ended meanwhile waits for nothing.
    this.#client.call(AgentApprove, { jobId: this.#jobId, callId, decision, ...reply }).catch(() => {});
  }
}

/** `check` lies outside of the folder that the model works in. */
function passes(check: string, folder: string, answer: string): Promise<boolean> {
  return new Promise((resolve) => {
    const options = { cwd: folder, timeout: checkMs, windowsHide: true };
    execFile(process.execPath, [check, folder, answer], options, (error) => resolve(!error));
  });
}

function summaryOf(outcomes: readonly AgentTaskOutcome[]) {
  const costs = outcomes.map(({ cost }) => cost);
  return {
    count: outcomes.length,
    done: outcomes.filter(({ isDone }) => isDone).length,
    rounds: outcomes.reduce((sum, { rounds }) => sum + rounds, 0),
    tokens: outcomes.reduce((sum, { tokens }) => sum + tokens, 0),
    cost: costs.reduce<number | null>((sum, cost) => (sum === null || cost === null ? null : sum + cost), 0),
  };
}

function report(outcomes: readonly AgentTaskOutcome[]): void {
  const { count, done, rounds, tokens, cost } = summaryOf(outcomes);
  const price = cost === null ? 'an unknown cost' : formatUsd(cost);
  for (const [kind, own] of Map.groupBy(outcomes, ({ task }) => /^\w+/.exec(task)?.[0] ?? task))
    printLine(`${kind.padEnd(9)} ${own.filter(({ isDone }) => isDone).length} of ${own.length}`);
  printLine(`Done: ${done} of ${count}, in ${counted(rounds, 'turn')}, with ${tokens} tokens and ${price}.`);
}

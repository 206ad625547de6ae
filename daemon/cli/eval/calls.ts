// `switchyard eval calls`: asks the configured models for one call of a tool each time, and tells how many can be read and name the right tool.
// Nothing is changed or run: what must be allowed is refused.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { AgentApprove, type AgentPart, AgentRun } from '../../../shared/protocol/agent.ts';
import type { DaemonClient } from '../kit/client.ts';
import type { ExitCode } from '../kit/command.ts';
import { printLine } from '../kit/terminal.ts';
import { type CallTask, callFiles, callTasks } from './call-tasks.ts';
import { inOwnProfile } from './own-profile.ts';
import { tellMeasured } from './tell-measured.ts';

interface CallEvaluation {
  model?: string;
  limit?: number;
  json: boolean;
}

/** `unread`: neither a call nor an answer was found in what the model wrote. */
export type CallEnd = 'right' | 'wrong' | 'answered' | 'unread';

export interface MeasuredCall extends CallTask {
  end: CallEnd;
  /** Which tool was called. */
  called?: string;
  /** Whether the tool could not take its arguments. */
  isRefused: boolean;
}

/** Throws what a run throws. */
export async function evaluateCalls({ model, limit, json }: CallEvaluation): Promise<ExitCode> {
  const tasks = callTasks().slice(0, limit);
  const measured: MeasuredCall[] = [];
  const work = inOwnProfile(async (client, folder) => {
    for (const [path, text] of Object.entries(callFiles)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    for (const task of tasks) {
      const call = await measure(client, task, { folder, ...(model && { model }) });
      measured.push(call);
      if (!json) printLine(`${call.end.padEnd(8)} ${(call.called ?? '').padEnd(7)} ${task.ask}`);
    }
  });
  return tellMeasured(work, {
    json,
    done: () => measured.length,
    of: tasks.length,
    summary: () => ({ ...callScores(measured), byKind: scoresByKind(measured), calls: measured }),
    print: () => report(measured),
  });
}

async function measure(
  client: DaemonClient,
  task: CallTask,
  { folder, model }: { folder: string; model?: string },
): Promise<MeasuredCall> {
  let jobId = '';
  let called: string | undefined;
  let isAsked = false;
  let isOk = true;
  const take = (part: AgentPart): void => {
    if (part.kind === 'started') jobId = part.jobId;
    if (part.kind === 'call') called ??= part.tool;
    if (part.kind === 'result') isOk = part.ok;
    if (part.kind !== 'approval') return;
    isAsked = true;
    client.call(AgentApprove, { jobId, callId: part.approval.callId, decision: 'deny' }).catch(() => {}); // the run has ended meanwhile
  };
  const request = { task: task.ask, root: pathToFileURL(folder).href, maxRounds: 1, ...(model && { model }) };
  const { text } = await client.call(AgentRun, request, take);
  const end = endOf(task, called, text);
  return { ...task, end, ...(called !== undefined && { called }), isRefused: !isOk && !isAsked };
}

function endOf({ tools }: CallTask, called: string | undefined, text: string): CallEnd {
  if (called !== undefined) return tools.includes(called) ? 'right' : 'wrong';
  return text === '' ? 'unread' : 'answered';
}

/** How many of the turns ended in each way. */
export function callScores(measured: readonly MeasuredCall[]): Record<CallEnd | 'count' | 'refused', number> {
  const ended = (wanted: CallEnd): number => measured.filter(({ end }) => end === wanted).length;
  return {
    count: measured.length,
    ...{ right: ended('right'), wrong: ended('wrong'), answered: ended('answered'), unread: ended('unread') },
    refused: measured.filter(({ isRefused }) => isRefused).length,
  };
}

function scoresByKind(measured: readonly MeasuredCall[]): Record<string, ReturnType<typeof callScores>> {
  const kinds = Map.groupBy(measured, ({ kind }) => kind);
  return Object.fromEntries([...kinds].map(([kind, own]) => [kind, callScores(own)]));
}

const columns = ['count', 'right', 'wrong', 'answered', 'unread', 'refused'] as const;

function report(measured: readonly MeasuredCall[]): void {
  const width = 16;
  printLine(`\n${''.padEnd(width)}${columns.map((name) => name.padStart(9)).join('')}`);
  for (const [kind, scores] of Object.entries({ ...scoresByKind(measured), all: callScores(measured) }))
    printLine(`${kind.padEnd(width)}${columns.map((name) => String(scores[name]).padStart(9)).join('')}`);
}

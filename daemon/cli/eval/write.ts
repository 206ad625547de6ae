// `switchyard eval write`: lets the configured models do small tasks, and checks what the draft was worth and what came out.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CodeWrite } from '../../../shared/protocol/code.ts';
import { UserError } from '../../base/errors.ts';
import { programFiles } from '../../base/program-files.ts';
import { askAtTerminal, isYes } from '../kit/ask-trust.ts';
import type { DaemonClient } from '../kit/client.ts';
import { printJson, printLine } from '../kit/terminal.ts';
import { inOwnProfile } from './own-profile.ts';
import { readWriteTasks, taskFile, type WriteTask } from './write-tasks.ts';

export interface WriteEvaluation {
  model?: string;
  limit?: number;
  yes: boolean;
  json: boolean;
}

interface TaskOutcome {
  task: string;
  /** Whether the first draft passes, and what came out. */
  draft: boolean;
  final: boolean;
  verdict: string;
  /** US dollars; `null` when they are unknown. */
  cost: number | null;
  durationMs: number;
}

const checkMs = 10_000;

/** Throws UserError `not-allowed` where the user does not let models' code run. */
export async function evaluateWriting({ model, limit, yes, json }: WriteEvaluation): Promise<void> {
  const tasks = readWriteTasks(programFiles().media).slice(0, limit);
  if (!yes) await askToRun(tasks.length);
  await inOwnProfile(async (client, folder) => {
    const outcomes: TaskOutcome[] = [];
    for (const [i, task] of tasks.entries()) {
      const outcome = await evaluate(client, task, { folder: join(folder, String(i)), ...(model && { model }) });
      outcomes.push(outcome);
      if (!json) printLine(`${wordOf(outcome).padEnd(9)} ${task.name}`);
    }
    const summary = summaryOf(outcomes);
    if (json) return printJson({ ...summary, tasks: outcomes });
    printLine(
      `Drafts that pass: ${summary.drafts} of ${summary.count}. Results that pass: ${summary.finals}. Made worse: ${summary.worse}. Corrected: ${summary.corrected}.`,
    );
  });
}

async function askToRun(count: number): Promise<void> {
  const ask = askAtTerminal();
  const question = `This runs code that models write for ${count} small tasks on this machine. Run it? [y/n] `;
  if (ask && isYes(await ask(question))) return;
  throw new UserError('not-allowed', 'Nothing was run. To let code that models write run on this machine, add --yes.');
}

async function evaluate(
  client: DaemonClient,
  { name, instruction, check }: WriteTask,
  { folder, model }: { folder: string; model?: string },
): Promise<TaskOutcome> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'check.js'), check);
  const uri = pathToFileURL(join(folder, taskFile)).href;
  client.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'javascript', version: 1, text: '' } });
  const startedAt = performance.now();
  const tests = [[process.execPath, 'check.js']];
  const request = { instruction, textDocument: { uri }, tests, testsAllowed: true, ...(model && { model }) };
  const result = await client.call(CodeWrite, request);
  const costs = result.stages.map(({ cost = 0 }) => cost);
  const draft = result.stages.find((stage) => stage.name === 'draft')?.answer ?? '';
  return {
    task: name,
    draft: await passes(folder, codeIn(draft)),
    final: await passes(folder, result.code),
    verdict: result.judge.verdict,
    cost: costs.reduce<number | null>((sum, cost) => (sum === null || cost === null ? null : sum + cost), 0),
    durationMs: Math.round(performance.now() - startedAt),
  };
}

/** The code of an answer, as the pipeline takes it. */
function codeIn(answer: string): string {
  return /^ {0,3}(`{3,}|~{3,})[^\n]*\n([\s\S]*?)(?:^ {0,3}\1|$(?![\s\S]))/m.exec(answer)?.[2] ?? answer;
}

async function passes(folder: string, code: string): Promise<boolean> {
  await writeFile(join(folder, taskFile), code);
  return new Promise((resolve) => {
    execFile(process.execPath, ['check.js'], { cwd: folder, timeout: checkMs, windowsHide: true }, (error) =>
      resolve(!error),
    );
  });
}

function wordOf({ draft, final }: TaskOutcome): string {
  if (draft) return final ? 'passes' : 'worse';
  return final ? 'corrected' : 'fails';
}

function summaryOf(outcomes: readonly TaskOutcome[]) {
  const count = (is: (outcome: TaskOutcome) => boolean): number => outcomes.filter(is).length;
  return {
    count: outcomes.length,
    drafts: count(({ draft }) => draft),
    finals: count(({ final }) => final),
    worse: count(({ draft, final }) => draft && !final),
    corrected: count(({ draft, final }) => !draft && final),
  };
}

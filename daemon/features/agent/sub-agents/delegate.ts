// The tool that lets a part of the work be done apart: research by a model that only reads, or a review by the pipeline, each within a share
// of what the run has left. What comes back is one summary, which is material like every result.
import * as z from 'zod';
import type { SubAgentShares } from '../../../base/config/agent.ts';
import { UserError } from '../../../base/errors.ts';
import { oneLine } from '../../tools/result.ts';
import { stageName } from '../loop/stage-names.ts';
import { systemWords } from '../loop/words.ts';
import { argumentsOf } from '../tools/arguments.ts';
import { choiceOf, folderPaths, listedWhole } from '../tools/choices/choices.ts';
import type { FolderFiles } from '../tools/folder-files.ts';
import type { AgentTool, CallScope, ObjectSchema, PastCall, RunBudget, ToolOutcome, ToolRun } from '../tools/tool.ts';
import { type ReviewApartDeps, reviewApart } from './review-apart.ts';
import { researchPrompt, shortened, spentWords } from './summary.ts';

export interface DelegateDeps extends ReviewApartDeps {
  shares(): SubAgentShares;
}

const Arguments = z.object({
  kind: z.enum(['research', 'review']),
  task: z.string().trim().min(1).max(4000),
  paths: z.array(z.string().min(1).max(1000)).max(10).default([]),
});

const minRounds = 2; // one to look, and one to answer
const maxTitleChars = 80;
/** Reading tools that are of no use to who works for another. */
const leftOut: ReadonlySet<string> = new Set(['delegate', 'plan', 'think']);

export function delegateTool(deps: DelegateDeps): AgentTool {
  return {
    name: 'delegate',
    description: 'Has a question researched, or your changes (or paths) reviewed, apart; returns a summary.',
    parameters: {
      type: 'object',
      properties: {
        kind: { type: 'string', enum: ['research', 'review'] },
        task: { type: 'string' },
        paths: { type: 'array', items: { type: 'string' } },
      },
      required: ['kind', 'task'],
    },
    kind: 'read',
    choices: (run, past) => delegateChoices(deps.files, run, past),
    async prepare(given, run) {
      const { kind, task, paths } = argumentsOf(Arguments, given, 'delegate');
      const subject = kind === 'research' ? task : paths.join(', ') || 'what was changed';
      const title = `${kind === 'research' ? 'Research' : 'Review'}: ${oneLine(subject).slice(0, maxTitleChars).toWellFormed()}`;
      return {
        title,
        source: 'the report of a sub-agent',
        async perform(scope) {
          if (!scope) throw new UserError('no-delegation', 'A sub-agent does its work itself.');
          const budget = await begun(scope, title, deps.shares());
          return kind === 'research'
            ? research(task, { run, scope, budget })
            : reviewApart(deps, { paths, run, scope, budget });
        },
      };
    },
  };
}

/** Small models have others look for what stands before them: where the prompt shows all files, nothing is delegated. */
async function delegateChoices(files: FolderFiles, run: ToolRun, past: readonly PastCall[]): Promise<ObjectSchema[]> {
  if (past.at(-1)?.name === 'delegate' || listedWhole(await folderPaths(files, run)) !== undefined) return [];
  const task = { type: 'string', minLength: 2, maxLength: 300 };
  return [choiceOf({ kind: { enum: ['research', 'review'] }, task })];
}

/** What it may use is stored, so that it gets no more when it goes on after a crash. */
function begun(scope: CallScope, title: string, shares: SubAgentShares): Promise<RunBudget> {
  return scope.stage(stageName('delegate', scope.callId), async () => ({
    outcome: shareOf(scope.left, shares),
    detail: title,
  }));
}

/** Throws UserError `no-budget`. */
function shareOf({ rounds, tokens, workMs, usd }: RunBudget, shares: SubAgentShares): RunBudget {
  const budget = {
    rounds: Math.floor(rounds * shares.rounds),
    tokens: Math.floor(tokens * shares.tokens),
    workMs: Math.floor(workMs * shares.time),
    ...(usd !== undefined && { usd: usd * shares.money }),
  };
  const { usd: money = 1 } = budget;
  if (budget.rounds >= minRounds && budget.tokens > 0 && budget.workMs > 0 && money > 0) return budget;
  throw new UserError('no-budget', 'Too little is left of this run to delegate a part of it. Do it yourself.');
}

async function research(
  task: string,
  { run, scope, budget }: { run: ToolRun; scope: CallScope; budget: RunBudget },
): Promise<ToolOutcome> {
  const tools = scope.tools.filter(({ name, kind }) => (kind === 'read' || kind === 'web') && !leftOut.has(name));
  const system = systemWords(researchPrompt, { root: run.root, isTrusted: true, hasTools: tools.length > 0 });
  const { text, done, why, spent } = await scope.workApart({ system, task, tools, budget });
  const answer = shortened(text);
  return {
    ok: text !== '' || done.length > 0,
    text: [
      ...(answer.text === '' ? [] : [{ source: 'The summary of a sub-agent', text: answer.text }]),
      ...answer.notes,
      ...(why === undefined ? [] : [{ source: 'Why it stopped before its end', text: why }]),
      ...(why === undefined || done.length === 0
        ? []
        : [{ source: 'What it did', text: shortened(done.join('\n')).text }]),
    ],
    summary: `Research: ${spentWords(spent)}.`,
    isMaterial: true,
    spent,
  };
}

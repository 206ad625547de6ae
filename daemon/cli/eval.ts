// `switchyard eval`: measures the configured models at what the pipeline asks of them.
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';

export const options = {
  model: { type: 'string', value: 'ID', description: 'Ask this model, as listed by `switchyard models`' },
  limit: { type: 'string', value: 'N', description: 'Do only N tasks' },
  corpus: {
    type: 'string',
    value: 'DIR',
    goesWith: ['completion'],
    description: 'Take code from this folder instead of the current one',
  },
  task: {
    type: 'string',
    value: 'NAME',
    goesWith: ['agent'],
    description: 'Do only the tasks whose names begin with this',
  },
  yes: { type: 'boolean', goesWith: ['write', 'agent'], description: 'Run code that models write, without asking' },
  json,
} as const;

/** TABLE of what can be measured. */
const subcommands = {
  review: async (how) => (await import('./eval/review.ts')).evaluateReviews(how),
  write: async (how) => (await import('./eval/write.ts')).evaluateWriting(how),
  agent: async (how) => (await import('./eval/agent.ts')).evaluateAgent(how),
  calls: async (how) => (await import('./eval/calls.ts')).evaluateCalls(how),
  completion: async (how) => (await import('./eval/completion.ts')).evaluateCompletion(how),
} satisfies Record<string, (how: Evaluation) => Promise<ExitCode>>;

interface Evaluation {
  model?: string;
  limit?: number;
  corpus?: string;
  task?: string;
  yes: boolean;
  json: boolean;
}

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 1);
  const [word] = positionals;
  if (word === undefined) throw new UsageError(`Specify what to measure: ${Object.keys(subcommands).join(', ')}.`);
  const { model, limit, corpus, task, yes = false, json: isJson = false } = values;
  const count = Number(limit);
  if (limit !== undefined && (!Number.isInteger(count) || count < 1))
    throw new UsageError('--limit must be a whole number from 1.');
  const how = {
    yes,
    json: isJson,
    ...(model !== undefined && { model }),
    ...(limit !== undefined && { limit: count }),
    ...(corpus !== undefined && { corpus }),
    ...(task !== undefined && { task }),
  };
  return subcommandOf('eval', subcommands, word)(how);
}

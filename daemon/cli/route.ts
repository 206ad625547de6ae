// `switchyard route`: which model would answer a text, and why. No model is asked.
import type { Result } from '../../shared/protocol/define.ts';
import { RouterAnalyze } from '../../shared/protocol/router.ts';
import { formatUsd } from '../../shared/usd.ts';
import { withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { printJson, printLine, printNote } from './kit/terminal.ts';

const maxAlternatives = 5;

export const options = { json };

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  const text = positionals.join(' ').trim();
  if (!text) throw new UsageError('Add the text to route, in quotes.');
  const result = await withDaemon((client) => client.call(RouterAnalyze, { text, workspace: process.cwd() }), {
    root: workingFolder(),
  });
  if (values.json) printJson(result);
  else show(result);
  return result.decision ? 0 : 3;
}

function show({
  decision,
  problem,
  task,
  complexity,
  tokens,
  needs,
  signals,
  excluded,
  learned,
}: Result<typeof RouterAnalyze>): void {
  if (decision) {
    printLine(`${decision.model} would answer, ${priceInWords(decision.estimatedCost)}: ${decision.reason}.`);
    if (decision.alternatives.length > 0)
      printLine(`Alternatives: ${decision.alternatives.slice(0, maxAlternatives).join(', ')}`);
  } else printNote(problem ?? 'No model would answer.');
  const needed = Object.entries(needs).flatMap(([need, wanted]) => (wanted === true ? (needWords[need] ?? need) : []));
  printLine(
    `${complexity === 'expert' ? 'An' : 'A'} ${complexity} ${task} request of ${tokens} ${tokens === 1 ? 'token' : 'tokens'}${needed.length > 0 ? `, needs ${needed.join(', ')}` : ''} (${signals.join('; ')}).`,
  );
  for (const { model, reason } of excluded) printLine(`Not ${model}: ${reason.replace(/\.$/, '')}.`);
  for (const { model, outcomes, state } of learned)
    printLine(
      `Learned about ${model} from ${outcomes} ${outcomes === 1 ? 'outcome' : 'outcomes'}: ${stateWords[state]}.`,
    );
}

function priceInWords(estimatedCost: number | undefined): string {
  if (estimatedCost === undefined) return 'at an unknown price';
  return estimatedCost === 0 ? 'at no cost' : `for about ${formatUsd(estimatedCost)}`;
}

const needWords: Record<string, string> = { json: 'JSON', vision: 'vision', tools: 'tools', realtime: 'current facts' };

const stateWords: Record<Result<typeof RouterAnalyze>['learned'][number]['state'], string> = {
  collecting: 'too few so far',
  shadow: "not used, since it hasn't predicted them better than their average",
  'in-use': 'used, since it has predicted them better than their average',
  withdrawn: 'no longer used, since lately it predicted them worse than their average',
};

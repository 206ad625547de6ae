// `switchyard route`: which model would answer a text, and why; nothing is asked of it.
import { parseArgs } from 'node:util';
import type { Result } from '../../shared/protocol/define.ts';
import { RouterAnalyze } from '../../shared/protocol/router.ts';
import { withDaemon, workingFolder } from './kit/client.ts';
import { UsageError, type ExitCode } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';

const mostAlternatives = 5;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: { json: { type: 'boolean' } } });
  const text = positionals.join(' ').trim();
  if (!text) throw new UsageError('Say what would be asked.');
  const result = await withDaemon((client) => client.call(RouterAnalyze, { text, workspace: process.cwd() }), { root: workingFolder() });
  if (values.json) printJson(result);
  else show(result);
  return result.decision ? 0 : 3;
}

function show({ decision, problem, task, complexity, tokens, needs, signals, excluded }: Result<typeof RouterAnalyze>): void {
  if (decision) {
    const cost = decision.estimatedCost === undefined ? 'at an unknown price' : `for about $${decision.estimatedCost.toFixed(4)}`;
    printLine(`${decision.model} would answer, ${cost}: ${decision.reason}.`);
    if (decision.alternatives.length > 0) printLine(`Otherwise: ${decision.alternatives.slice(0, mostAlternatives).join(', ')}`);
  } else printLine(problem ?? 'No model would answer.');
  const needed = Object.entries(needs).flatMap(([need, wanted]) => (wanted === true ? need : []));
  printLine(`A ${complexity} request of the kind "${task}", ${tokens} tokens${needed.length > 0 ? `, needs ${needed.join(', ')}` : ''} (${signals.join('; ')}).`);
  for (const { model, reason } of excluded) printLine(`Not ${model}: ${reason.replace(/\.$/, '')}.`);
}

// `switchyard replay`: what another policy would have chosen for past requests, and what that would have cost.
import { parseArgs } from 'node:util';
import type { Result } from '../../shared/protocol/define.ts';
import { PolicyName, RouterReplay } from '../../shared/protocol/router.ts';
import { withDaemon, workingFolder } from './kit/client.ts';
import { UsageError, type ExitCode } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';

const mostChanges = 20;

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({ args, options: { policy: { type: 'string' }, json: { type: 'boolean' } } });
  const policy = PolicyName.safeParse(values.policy);
  if (!policy.success) throw new UsageError(`Say which policy: --policy ${PolicyName.options.join(' | ')}.`);
  const result = await withDaemon((client) => client.call(RouterReplay, { policy: policy.data }), { root: workingFolder() });
  if (values.json) printJson(result);
  else show(policy.data, result);
  return 0;
}

function show(policy: string, { requests, cost, recordedCost, unknownPrices, unanswered, change, error }: Result<typeof RouterReplay>): void {
  if (requests === 0) return printLine('No request has been decided yet: ask something first.');
  printLine(`${requests} requests under "${policy}": about $${cost.toFixed(4)} instead of $${recordedCost.toFixed(4)}, ${change.length} answered by another model.`);
  if (unknownPrices > 0) printLine(`${unknownPrices} of them are in neither sum, since a price is unknown.`);
  if (unanswered > 0) printLine(`${unanswered} would have had no model.`);
  printLine(error ? `Estimates lay ${Math.round(100 * error.share)} % off what was paid, over ${error.requests} requests.` : 'Nothing has been paid yet that the estimates could be compared with.');
  for (const { from, to } of change.slice(0, mostChanges)) printLine(`  ${from} -> ${to}`);
}

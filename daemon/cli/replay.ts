// `switchyard replay`: what another policy would have chosen for past requests, and what that would have cost.

import { PolicyName } from '../../shared/protocol/chat.ts';
import type { Result } from '../../shared/protocol/define.ts';
import { RouterReplay } from '../../shared/protocol/router.ts';
import { formatUsd } from '../../shared/usd.ts';
import { counted } from '../../shared/words/counted.ts';
import { withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';

const maxChanges = 20; // kinds of change

export const options = {
  policy: {
    type: 'string',
    value: 'POLICY',
    description: 'Route them by this policy: local-first, cheapest, best, fastest, or local-only',
  },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArguments(args, options, 0);
  const policy = PolicyName.safeParse(values.policy);
  if (!policy.success) throw new UsageError(`Specify a policy: --policy ${PolicyName.options.join(' | ')}.`);
  const result = await withDaemon((client) => client.call(RouterReplay, { policy: policy.data }), {
    root: workingFolder(),
  });
  if (values.json) printJson(result);
  else show(policy.data, result);
  return 0;
}

function show(
  policy: string,
  { requests, cost, recordedCost, unknownPrices, unanswered, change, error }: Result<typeof RouterReplay>,
): void {
  if (requests === 0) return printLine('No requests yet. Ask a question first.');
  printLine(
    `${change.length} of ${counted(requests, 'request')} would have gone to a different model under "${policy}".`,
  );
  printLine(`They would have cost an estimated ${formatUsd(cost)} instead of ${formatUsd(recordedCost)}.`);
  if (unknownPrices > 0)
    printLine(
      `${counted(unknownPrices, 'request')} ${unknownPrices === 1 ? 'is' : 'are'} left out of both sums because a price is unknown.`,
    );
  if (unanswered > 0) printLine(`${counted(unanswered, 'request')} would have had no model.`);
  printLine(
    error
      ? `Estimates were off by ${Math.round(100 * error.share)}% on average, over ${counted(error.requests, 'request')}.`
      : 'Nothing has been paid yet, so the accuracy of the estimates is unknown.',
  );
  for (const [kind, count] of kindsOf(change).slice(0, maxChanges)) printLine(`  ${count} x ${kind}`);
}

/** Equal changes together, the most frequent first. */
function kindsOf(change: Result<typeof RouterReplay>['change']): [kind: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { from, to } of change) counts.set(`${from} -> ${to}`, (counts.get(`${from} -> ${to}`) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}

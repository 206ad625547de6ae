// The tool that says why the router chose a model, or which one it would choose.

import * as z from 'zod';
import { formatUsd } from '../../../shared/usd.ts';
import type { Routing } from '../../models/router/create.ts';
import type { DecisionRecord } from '../../models/router/records.ts';
import { oneLine, type ToolText } from './result.ts';
import type { Tool } from './tool.ts';

const defaultLast = 3;
const maxOthers = 8;

const Arguments = z.strictObject({
  text: z
    .string()
    .trim()
    .min(1)
    .max(100_000)
    .optional()
    .describe(
      'A question that is not asked yet: which model would answer it? Left out: why the last answers came from their models.',
    ),
  last: z.int().min(1).max(20).optional().describe(`How many past decisions; ${defaultLast} when left out.`),
});

export function whyModelTool({ routing }: { routing: Pick<Routing, 'analyse' | 'decisions'> }): Tool<typeof Arguments> {
  return {
    name: 'why_model',
    title: 'Explain the choice of a model',
    description:
      'Tells why Switchyard chose the models of its last answers, with what was weighed and what it cost, or which model would answer a text. Asks no model.',
    reads: 'the records of decisions of the profile that the folder belongs to, which hold no text of questions',
    asksModels: false,
    arguments: Arguments,
    async run({ text, last = defaultLast }, { profile, policy, signal }) {
      if (text === undefined) {
        const records = await routing.decisions(profile, { limit: last });
        return records.length === 0 ? ['No model has been chosen in this profile yet.'] : records.map(pastDecision);
      }
      const { decision, excluded, problem } = await routing.analyse(
        { text, attachments: [] },
        { profile, signal, policy },
      );
      if (!decision) return [oneLine(problem ?? 'No model would answer.')];
      const { model, reason, estimatedCost, alternatives } = decision;
      return [
        `${oneLine(model)} would answer, ${priceInWords(estimatedCost)}: ${oneLine(reason)}.`,
        ...(alternatives.length > 0 ? [`Alternatives: ${listed(alternatives)}.`] : []),
        ...(excluded.length > 0
          ? [
              `Not able to: ${listed(excluded.map(({ model: id, reason: why }) => `${id} (${why.replace(/\.$/, '')})`))}.`,
            ]
          : []),
      ];
    },
  };
}

function pastDecision({ at, model, policy, record, outcome }: DecisionRecord): ToolText {
  const { explicit, reason, analysis, candidates, estimatedCostUsd } = record;
  const others = candidates
    .filter(({ id }) => id !== model)
    .map(({ id, excluded }) => (excluded ? `${id} (${excluded.reason.replace(/\.$/, '')})` : id));
  const cost = outcome?.costUsd ?? estimatedCostUsd;
  return [
    `${new Date(at).toISOString()}: ${oneLine(model)}, ${explicit ? 'which was named' : `by the policy ${policy}`}: ${oneLine(reason)}.`,
    ...(analysis
      ? [
          `Read as a ${analysis.complexity} ${analysis.task} request of ${analysis.tokens} ${analysis.tokens === 1 ? 'token' : 'tokens'}.`,
        ]
      : []),
    `It cost ${cost === undefined ? 'an unknown amount' : formatUsd(cost)}.`,
    ...(others.length > 0 ? [`Others: ${listed(others)}.`] : []),
  ].join(' ');
}

function priceInWords(estimatedCost: number | undefined): string {
  if (estimatedCost === undefined) return 'at an unknown price';
  return estimatedCost === 0 ? 'at no cost' : `for about ${formatUsd(estimatedCost)}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - maxOthers;
  return `${names.slice(0, maxOthers).map(oneLine).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

// What a sub-agent is told, and what of its words comes back. Pure.
import { priceWords } from '../../../../shared/usd.ts';
import { counted } from '../../../../shared/words/counted.ts';
import { tokensOf } from '../loop/spending.ts';
import type { ToolSpending } from '../tools/tool.ts';

/** A summary has so many characters at most: the rule is told with what it leaves out. */
const maxSummaryChars = 4000;

export const researchPrompt =
  'You answer a question of another agent, which sees nothing but your last answer: a summary of at most 300 words. ' +
  'Answer from what you have read, cite each place as path:line or as a link, and say what you could not find. You change nothing.';

/** Cut after a line, with a sentence where something is left out. */
export function shortened(text: string): { text: string; notes: string[] } {
  const whole = text.trim();
  if (whole.length <= maxSummaryChars) return { text: whole, notes: [] };
  const end = whole.lastIndexOf('\n', maxSummaryChars);
  const shown = whole.slice(0, end > 0 ? end : maxSummaryChars).toWellFormed();
  const left = whole.length - shown.length;
  return { text: shown, notes: [`${left} more characters were left out: a summary has at most ${maxSummaryChars}.`] };
}

/** `3 rounds, 2,100 tokens, $0.004` */
export function spentWords(spent: ToolSpending): string {
  const { rounds, costUsd } = spent;
  const tokens = tokensOf({ turns: [], tools: [spent] });
  return [
    ...(rounds === undefined ? [] : [counted(rounds, 'round')]),
    `${tokens.toLocaleString('en-US')} ${tokens === 1 ? 'token' : 'tokens'}`,
    priceWords(costUsd),
  ].join(', ');
}

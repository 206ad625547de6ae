// Asks at a terminal what a run of the agent waits for.
import type { AgentApproval } from '../../../shared/protocol/agent.ts';
import { alwaysWords } from '../../../shared/words/always-words.ts';
import type { Ask } from '../kit/ask-trust.ts';
import { printApproval, type StyledPrinter } from './approval-words.ts';

export interface GivenDecision {
  decision: 'once' | 'always' | 'deny';
  /** What the model is told with it. */
  reply?: string;
}

/** Throws CancelledError where the user leaves, and when `signal` is aborted. */
export async function askApproval(
  approval: AgentApproval,
  { ask, print, signal }: { ask: Ask; print: StyledPrinter; signal: AbortSignal },
): Promise<GivenDecision> {
  printApproval(approval, print);
  if (approval.kind === 'ask') return answerTo(approval, await ask(answerPrompt(approval), signal));
  const always = approval.canAlways ? `, [a]${alwaysWords(approval.kind).label.slice(1)}` : '';
  for (;;) {
    const said = (await ask(`Allow it? [y]es${always}, [n]o, or why not: `, signal)).trim();
    if (/^y(es)?$/i.test(said)) return { decision: 'once' };
    if (/^a(lways)?$/i.test(said) && approval.canAlways) return { decision: 'always' };
    if (/^no?$/i.test(said)) return { decision: 'deny' };
    // One letter is a slip of the finger, and no reason.
    if (said.length > 1 && !/^always$/i.test(said)) return { decision: 'deny', reply: said };
    print(`Type y, ${approval.canAlways ? 'a, ' : ''}or n, or say in words why not.`);
  }
}

function answerPrompt({ choices = [] }: AgentApproval): string {
  return choices.length > 0 ? 'Your answer, or a number: ' : 'Your answer: ';
}

/** Without a word the model does as it thinks best. */
function answerTo({ choices = [] }: AgentApproval, given: string): GivenDecision {
  const said = given.trim();
  const reply = /^\d$/.test(said) ? (choices[Number(said) - 1] ?? said) : said;
  return { decision: 'once', ...(reply !== '' && { reply }) };
}

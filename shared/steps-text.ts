// The text of an answer that a run made: what was said before its steps, and what comes after them. Pure.
import type { AgentPart } from './protocol/agent.ts';

type Call = Pick<Extract<AgentPart, { kind: 'call' }>, 'said' | 'within'>;

/** What an answer says after the run's steps, which have the rest. All of it where it isn't what they say. */
export function textAfterSteps(text: string, calls: readonly Call[]): string {
  let rest = text.trimStart();
  for (const { said, within } of calls) {
    if (said === undefined || within !== undefined) continue;
    if (!rest.startsWith(said) || /^\S/.test(rest.slice(said.length))) return text;
    rest = rest.slice(said.length).trimStart();
  }
  return rest;
}

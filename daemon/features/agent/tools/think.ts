// The tool that does nothing: models that don't reason by themselves do better where they may write down a step.
import * as z from 'zod';
import { argumentsOf } from './arguments.ts';
import { choiceOf, notTwice } from './choices/choices.ts';
import type { AgentTool } from './tool.ts';

const Arguments = z.object({ thought: z.string().trim().min(1).max(10_000) });
const maxSummaryChars = 160;

const parameters = { type: 'object', properties: { thought: { type: 'string' } }, required: ['thought'] };

export const thinkTool: AgentTool = {
  name: 'think',
  description: 'Notes a thought for yourself.',
  parameters,
  kind: 'read',
  choices: notTwice('think', choiceOf({ thought: { type: 'string', minLength: 1, maxLength: 500 } })),
  async prepare(given) {
    const { thought } = argumentsOf(Arguments, given, 'think');
    const summary = `Thought: ${thought.replace(/\s+/g, ' ').slice(0, maxSummaryChars).toWellFormed()}`;
    return {
      title: 'Think',
      perform: async () => ({ ok: true, text: ['Noted. Go on.'], summary, isMaterial: false }),
    };
  },
};

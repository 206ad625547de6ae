// The tool that asks the user. The loop asks, as it asks for approval, and hands the answer to the model.
import * as z from 'zod';
import { argumentsOf } from './arguments.ts';
import { choiceOf, notTwice } from './choices/choices.ts';
import type { AgentTool } from './tool.ts';

const Arguments = z.object({
  question: z.string().trim().min(1).max(1000),
  choices: z.array(z.string().trim().min(1).max(200)).max(6).catch([]).default([]),
});

export const askTool: AgentTool = {
  name: 'ask',
  description: 'Asks the user what you need to know.',
  parameters: {
    type: 'object',
    properties: { question: { type: 'string' }, choices: { type: 'array', items: { type: 'string' } } },
    required: ['question'],
  },
  kind: 'ask',
  choices: notTwice('ask', choiceOf({ question: { type: 'string', minLength: 2, maxLength: 300 } })),
  async prepare(given) {
    const { question, choices } = argumentsOf(Arguments, given, 'ask');
    const text = /[?？]\s*$/.test(question) ? question : `${question.replace(/[.:\s]+$/, '')}?`;
    return {
      title: `Ask: ${text}`,
      approval: {
        shown: { kind: 'ask', text, canAlways: false, ...(choices.length > 0 && { choices }) },
        identity: JSON.stringify([text, choices]),
        isDangerous: true, // nobody else can answer it
      },
      perform: async () => ({ ok: true, text: [], summary: `Asked: ${text}`, isMaterial: false }),
    };
  },
};

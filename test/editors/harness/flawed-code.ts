// A file with two flaws, and a scripted model that reviews, fixes and explains it. Every editor is shown the same.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { Reply, ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';

export const fileName = 'discount.ts';

export const flawedCode = `/** The price of a basket after the discount of the day. */
export function discounted(prices: number[]): number {
  let total = 0;
  for (let i = 0; i <= prices.length; i++) {
    total += prices[i] ?? 0;
  }
  return total * 0.9;
}
`;

/** Comes with an edit, so no model is needed to fix it. */
export const overrun = { message: 'Reads one past the end of the prices.', quote: 'i <= prices.length', replacement: 'i < prices.length' };
/** Only a model can fix it. */
export const rounding = { message: 'The result is not rounded to cents.', quote: 'total * 0.9', fixed: 'Math.round(total * 90) / 100' };
/** Quotes what is not in the code, so nobody may see it. */
export const invented = { message: 'The password is printed.', quote: 'console.log(password)' };

export const findings = JSON.stringify({
  findings: [
    { line: 4, severity: 'error', category: 'correctness', confidence: 0.9, ...overrun },
    { line: 7, severity: 'warning', category: 'correctness', confidence: 0.8, quote: rounding.quote, message: rounding.message },
    { line: 5, severity: 'error', category: 'security', confidence: 0.9, ...invented },
  ],
});

export interface Answer {
  /** The answer is for prompts that hold this text. */
  when: string;
  reply: string | Reply;
}

const usage = { input: 42, output: 17 };

/** Begins the reviewer's instructions. */
export const reviewPrompt = 'You review code.';

/** Answers that review and fix the flawed code; `more` come before them. */
export function startModel(more: Answer[] = []): Promise<ScriptedServer> {
  const answers: Answer[] = [
    ...more,
    { when: reviewPrompt, reply: findings },
    { when: rounding.message, reply: `\`\`\`ts\n  return ${rounding.fixed};\n\`\`\`` },
  ];
  return startOpenAiServer({
    reply: ({ body }) => {
      const { messages } = body as { messages: { content: unknown }[] };
      const prompt = messages.map(({ content }) => (typeof content === 'string' ? content : JSON.stringify(content))).join('\n');
      const reply = answers.find(({ when }) => prompt.includes(when))?.reply ?? 'The suite has no answer to this.';
      return typeof reply === 'string' ? { text: reply, usage } : { usage, ...reply };
    },
  });
}

/** The configuration in which this server is the only provider, and its model `lab/scripted`. */
export function configFor({ url }: ScriptedServer): Record<string, unknown> {
  return { providers: { lab: { type: 'openai-compatible', baseUrl: url, models: ['scripted'] } } };
}

/** Puts the flawed file into a workspace and returns its path. */
export function plantFlawedCode(workspace: string): string {
  const path = join(workspace, fileName);
  writeFileSync(path, flawedCode);
  return path;
}

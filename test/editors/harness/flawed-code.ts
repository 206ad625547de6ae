// The sample's cart with two of its flaws, and a scripted model that reviews, fixes and explains it. Every editor is shown the same.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { Reply, ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import type { Home } from './home.ts';

/** In the sample workspace. */
export const fileName = 'cart.ts';
export const filePath = `src/${fileName}`;

/** The file as the sample has it, of a workspace not yet changed. */
export function flawedCodeIn(workspace: string): string {
  const text = readFileSync(join(workspace, filePath), 'utf8');
  for (const { quote } of [overrun, surcharge])
    if (!text.includes(quote)) throw new Error(`The sample has lost a flaw: ${quote}`);
  return text;
}

/** Comes with an edit, so no model is needed to fix it. */
export const overrun = {
  message: 'Reads one past the last line, so every total throws.',
  quote: 'i <= this.lines.length',
  replacement: 'i < this.lines.length',
};
/** Only a model can fix it. */
export const surcharge = {
  message: 'A voucher makes the cart dearer: the discount is added.',
  quote: 'return total + discount;',
  fixed: 'return total - discount;',
};
/** Quotes what is not in the code, so nobody may see it. */
export const invented = { message: 'The password is printed.', quote: 'console.log(password)' };

const findings = JSON.stringify({
  findings: [
    { line: 30, severity: 'error', category: 'correctness', confidence: 0.9, ...overrun },
    {
      line: 41,
      severity: 'warning',
      category: 'correctness',
      confidence: 0.8,
      quote: surcharge.quote,
      message: surcharge.message,
    },
    { line: 20, severity: 'error', category: 'security', confidence: 0.9, ...invented },
  ],
});

export interface Answer {
  /** The answer is for prompts whose instructions or question hold this text. */
  when: string;
  reply: string | Reply;
}

const usage = { input: 42, output: 17 };

/** Begins the reviewer's instructions. */
const reviewPrompt = 'You review code.';

/** Answers that review and fix the flawed code; `more` come before them. */
export function startModel(more: Answer[] = []): Promise<ScriptedServer> {
  const answers: Answer[] = [
    ...more,
    { when: reviewPrompt, reply: findings },
    { when: surcharge.message, reply: `\`\`\`ts\n    ${surcharge.fixed}\n\`\`\`` },
  ];
  return startOpenAiServer({
    reply: ({ body }) => {
      const { messages } = body as { messages: { content: unknown }[] };
      const prompt = JSON.stringify([messages[0], messages.at(-1)]); // the instructions and the question, without the chat before it
      const reply = answers.find(({ when }) => prompt.includes(when))?.reply ?? 'The suite has no answer to this.';
      return typeof reply === 'string' ? { text: reply, usage } : { usage, ...reply };
    },
  });
}

/** What the agent does, where it is given `task`: it changes the flawed file, and creates one. */
export const repair = {
  task: 'Repair the cart',
  quote: 'return this.lines.length == 0;',
  replacement: 'return this.lines.length === 0;',
  newPath: 'src/money.ts',
  newText: 'export const cents = (euros: number): number => Math.round(euros * 100);\n',
};
export const repairAnswer: Answer = {
  when: repair.task,
  reply: {
    text: 'I repair it.',
    toolCalls: [
      { name: 'edit', arguments: { path: filePath, old: repair.quote, new: repair.replacement } },
      { name: 'edit', arguments: { path: repair.newPath, new: repair.newText } },
    ],
  },
};

/** Has the agent do it, in a terminal. */
export async function repairIn(workspace: string, home: Home): Promise<void> {
  await home.switchyardIn(workspace, 'trust', '.');
  const { code, output } = await home.switchyardIn(workspace, 'run', repair.task, '--yes-to', 'edit');
  if (code !== 0) throw new Error(`switchyard run ended with ${code}:\n${output}`);
}

/** The configuration in which this server is the only provider, and its model `lab/scripted`. */
export function configFor({ url }: ScriptedServer): Record<string, unknown> {
  return { providers: { lab: { type: 'openai-compatible', baseUrl: url, models: ['scripted'] } } };
}

/** The same with tools, for the agent. */
export function agentConfigFor({ url }: ScriptedServer): Record<string, unknown> {
  const models = [{ name: 'scripted', capabilities: { chat: true, tools: true } }];
  return { providers: { lab: { type: 'openai-compatible', baseUrl: url, models } } };
}

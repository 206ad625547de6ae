// TABLE of the ways in which a model calls tools: by its provider's own calls, by JSON that a schema forces, by JSON in a block of its answer.
import type { Prompt } from '../../../models/ask.ts';
import type { PromptMessage, ToolCall } from '../../../models/providers/provider.ts';
import { exampleAdd } from '../tools/choices/edit-choices.ts';
import type { AgentTool, ObjectSchema } from '../tools/tool.ts';
import { callIn, closedJson, jsonIn, objectOf, shortened } from './reading.ts';
import type { DialectName, MadeCall, ModelTurn } from './turn.ts';

export interface OfferedTool extends Pick<AgentTool, 'name' | 'description' | 'parameters'> {
  /** In place of the parameters, where answers are forced. */
  schemas?: readonly ObjectSchema[];
}

/** What a model answered, once it has ended. */
interface ModelAnswer {
  text: string;
  calls: readonly ToolCall[];
  isCut: boolean;
}

interface ReadTurn {
  text: string;
  calls: Omit<MadeCall, 'id'>[];
  /** Why nothing of it can be used, for the model. */
  problem?: string;
  /** Whether a call came in another way than it was asked for. */
  isOtherWay?: boolean;
}

interface ToldResult {
  call: MadeCall | undefined;
  text: string;
}

export interface Dialect {
  name: DialectName;
  /** What the model is told of it, after all else. Empty where its provider tells it. */
  words(tools: readonly OfferedTool[]): string;
  request(tools: readonly OfferedTool[]): Pick<Prompt, 'tools' | 'jsonSchema'>;
  read(answer: ModelAnswer, tools: readonly OfferedTool[]): ReadTurn;
  said(turn: ModelTurn): PromptMessage;
  results(told: readonly ToldResult[]): PromptMessage[];
}

const cutOff = 'Your answer was cut off, since it got too long. Do it in smaller steps.';

const native: Dialect = {
  name: 'native',
  words: () => '',
  request: (tools) => ({
    tools: tools.map(({ name, description, parameters }) => ({ name: wireName(name), description, parameters })),
  }),
  read({ text, calls, isCut }, tools) {
    const made = calls.map(({ id, name, arguments: values, signature }) => ({
      name: tools.find((tool) => wireName(tool.name) === name)?.name ?? name,
      arguments: values,
      provider: { id, ...(signature !== undefined && { signature }) },
    }));
    if (made.length > 0) return { text, calls: made };
    const written = callIn(text, tools);
    if (written) return { text: '', calls: [written], isOtherWay: true };
    if (text.trim() === '') return { text, calls: [], problem: isCut ? cutOff : 'Answer, or call a tool.' };
    return { text, calls: [] };
  },
  said({ text, calls, problem }) {
    if (problem !== undefined || calls.length === 0) return { role: 'assistant', content: text };
    const toolCalls = calls.map(({ id, name, arguments: values, provider }) => ({
      id: provider?.id ?? id,
      name: wireName(name),
      arguments: values,
      ...(provider?.signature !== undefined && { signature: provider.signature }),
    }));
    return { role: 'assistant', content: text, toolCalls };
  },
  results: (told) =>
    told.map(({ call, text }) => ({
      role: 'tool',
      content: text,
      toolCallId: call?.provider?.id ?? call?.id ?? '',
    })),
};

/** Names of servers' tools have a dot, which not every API takes. */
function wireName(name: string): string {
  return name.replaceAll('.', '__');
}

/** Small models do as it does; of its words nothing may be wrong in another task. */
const example = `Example: {"tool":"read","path":"a.txt"}, then {"tool":"edit","path":"a.txt","old":"old words","new":"new words"}, or to add a line {"tool":"edit","path":"a.txt","add":"${exampleAdd}"}, then {"say":"a.txt has the new words."}`;

const asText: Pick<Dialect, 'said' | 'results'> = {
  said: ({ text, calls, problem }) => ({
    role: 'assistant',
    content: problem === undefined ? [text, ...calls.map(writtenCall)].filter(Boolean).join('\n') : text,
  }),
  results: (told) => [
    {
      role: 'user',
      content: told.map(({ call, text }) => `Result of ${call?.name ?? 'the call'}:\n${text}`).join('\n\n'),
    },
  ],
};

const json: Dialect = {
  ...asText,
  name: 'json',
  words: (tools) =>
    `${listed(tools)}\nEach answer is one JSON object: {"tool":"NAME", …its arguments} to call a tool, or {"say":"…"} for your final answer.\n${example}`,
  request: (tools) => ({ jsonSchema: { name: 'turn', schema: turnSchema(tools) } }),
  read({ text, isCut }, tools) {
    const whole = isCut ? closedJson(text) : text;
    const found = jsonIn(whole);
    if (typeof found?.['say'] === 'string' && found['say'].trim() !== '') return { text: found['say'], calls: [] };
    const call = callIn(whole, tools);
    if (call && whole !== text) return { text: '', calls: [{ ...shortened(call), isCut: true }] };
    if (call) return { text: '', calls: [call] };
    return { text, calls: [], problem: isCut ? cutOff : `That is no JSON object of a tool. ${forms}` };
  },
  said: (turn) =>
    turn.problem === undefined && turn.calls.length === 0
      ? { role: 'assistant', content: JSON.stringify({ say: turn.text }) }
      : asText.said(turn),
};

const forms = 'Call one with {"tool":"NAME", …its arguments}, or answer with {"say":"…"}.';

const fenced: Dialect = {
  ...asText,
  name: 'fenced',
  words: (tools) =>
    `${listed(tools)}\nTo call a tool, answer with one block and nothing after it:\n\`\`\`json\n{"tool":"NAME", …its arguments}\n\`\`\`\nAn answer without such a block is your final answer.`,
  request: () => ({}),
  read({ text, isCut }, tools) {
    const call = callIn(text, tools);
    if (call) return { text: text.slice(0, text.search(/`{3}|\{/)).trim(), calls: [call] };
    const meant = jsonIn(text);
    if (typeof meant?.['say'] === 'string') return { text: meant['say'], calls: [] };
    if (meant && 'tool' in meant)
      return {
        text,
        calls: [],
        problem: `There's no tool ${JSON.stringify(meant['tool'])}. The tools are ${namesOf(tools)}.`,
      };
    if (/"tool"\s*:/.test(text))
      return { text, calls: [], problem: isCut ? cutOff : 'The JSON of your call is broken. Write it again.' };
    return text.trim() === ''
      ? { text, calls: [], problem: isCut ? cutOff : 'Answer, or call a tool.' }
      : { text, calls: [] };
  },
};

export const dialects: Readonly<Record<DialectName, Dialect>> = { native, json, fenced };

export function namesOf(tools: readonly Pick<OfferedTool, 'name'>[]): string {
  return tools.map(({ name }) => name).join(', ');
}

function writtenCall({ name, arguments: values }: MadeCall): string {
  return JSON.stringify({ tool: name, ...objectOf(values) });
}

interface Parameters {
  properties?: Record<string, { type?: string; items?: { type?: string } }>;
  required?: readonly string[];
}

/** A line for each tool: `read(path: string, from?: integer) Reads a file.` */
function listed(tools: readonly OfferedTool[]): string {
  const lines = tools.map(({ name, description, parameters }) => {
    const { properties = {}, required = [] } = parameters as Parameters;
    const values = Object.entries(properties).map(
      ([key, schema]) => `${key}${required.includes(key) ? '' : '?'}: ${typeName(schema)}`,
    );
    return `${name}(${values.join(', ')}) ${description}`;
  });
  return ['Tools:', ...lines].join('\n');
}

function typeName({ type = 'any', items }: { type?: string; items?: { type?: string } }): string {
  if (type !== 'array') return type;
  return items?.type === 'object' ? JSON.stringify(items) : `${items?.type ?? 'any'}[]`;
}

/** One object of a union: a tool's name with its arguments, or the final answer. */
function turnSchema(tools: readonly OfferedTool[]): Record<string, unknown> {
  const calls = tools.flatMap(({ name, parameters, schemas = [parameters] }) =>
    schemas.map((schema) => {
      const { properties = {}, required = [] } = schema as Parameters;
      return {
        type: 'object',
        properties: { tool: { type: 'string', enum: [name] }, ...properties },
        required: ['tool', ...required],
        additionalProperties: false,
      };
    }),
  );
  const say = { type: 'object', properties: { say: { type: 'string', minLength: 1 } }, required: ['say'] };
  return { anyOf: [...calls, { ...say, additionalProperties: false }] };
}

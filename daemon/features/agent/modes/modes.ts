// TABLE of the modes: what a model is told, which tools it has, which model it prefers, and whether kept answers may be used again.
import type { AgentMode } from '../../../../shared/protocol/agent.ts';
import type { ModesConfig } from '../../../base/config/modes.ts';
import { UserError } from '../../../base/errors.ts';

export interface Mode extends Omit<AgentMode, 'model'> {
  /** Short: it is part of every prompt. */
  prompt: string;
  /** `provider/model` */
  model?: string | undefined;
  cache: boolean;
  /** Why nothing can be asked in it, in a sentence. */
  unavailable?: string;
}

const reads = ['read', 'list', 'search', 'ask'];
const writes = [...reads, 'edit', 'run', 'plan', 'delegate', 'mcp'];
const web = ['web-search', 'fetch'];

export const actMode = 'act';
/** Stands for all tools of MCP servers. */
export const mcpTools = 'mcp';

const builtIn: readonly Omit<Mode, 'source'>[] = [
  {
    id: actMode,
    title: 'Act',
    description: 'Does a task: reads, edits, and runs programs, and asks before it changes anything.',
    prompt: 'Do the task yourself with the tools, check your work, then say in a few sentences what you did.',
    tools: writes,
    cache: false,
  },
  {
    id: 'plan',
    title: 'Plan',
    description: 'Reads, and writes a plan. Changes nothing.',
    prompt: 'Find out what the task needs, then answer with a plan in steps that name the files. Change nothing.',
    tools: [...reads, 'plan', 'delegate'],
    cache: false,
  },
  {
    id: 'coder',
    title: 'Coder',
    description: 'Changes code and checks it with its tests.',
    prompt:
      'You are a programmer. Make the smallest change that does the task, in the style of the code around it. Run the tests if there are any.',
    tools: writes,
    cache: false,
  },
  {
    id: 'research',
    title: 'Research',
    description: 'Answers a question from the code and the web, with places.',
    prompt:
      'Answer from what you have read, and cite each place as path:line or as a link. Say what you could not find.',
    tools: [...reads, ...web, 'deep-search', 'think', 'plan'],
    cache: false,
  },
  {
    id: 'analyst',
    title: 'Analyst',
    description: 'Works out numbers and causes from data and logs.',
    prompt: 'Work from the data, step by step. Give numbers with where they come from, and say how sure you are.',
    tools: [...reads, 'run', 'plan', 'delegate'],
    cache: false,
  },
  {
    id: 'assistant',
    title: 'Assistant',
    description: 'Helps with everyday tasks, with all tools.',
    prompt: 'Help with whatever the task is. Be brief and practical.',
    tools: [...writes, ...web],
    cache: false,
  },
  {
    id: 'chatbot',
    title: 'Chatbot',
    description: 'Talks, without tools.',
    prompt: 'Talk naturally and briefly.',
    tools: [],
    cache: true,
  },
  {
    id: 'tutor',
    title: 'Tutor',
    description: 'Teaches: asks and explains rather than solving.',
    prompt: 'Teach. Explain one idea at a time, ask a question to check it, and give hints before solutions.',
    tools: [],
    cache: true,
  },
  {
    id: 'image',
    title: 'Image',
    description: 'Makes pictures.',
    prompt: 'Make the picture that is asked for.',
    tools: [],
    cache: false,
    unavailable: 'No model that makes pictures is set up. Choose another mode.',
  },
  {
    id: 'video',
    title: 'Video',
    description: 'Makes videos.',
    prompt: 'Make the video that is asked for.',
    tools: [],
    cache: false,
    unavailable: 'No model that makes videos is set up. Choose another mode.',
  },
];

/** Those built in, and the user's own, of which one may stand in place of a built-in one. */
export function modesOf(own: ModesConfig): Mode[] {
  const configured = Object.entries(own).map(
    ([id, { title = id, description = '', ...mode }]): Mode => ({ ...mode, id, title, description, source: 'config' }),
  );
  const isReplaced = (id: string): boolean => Object.hasOwn(own, id);
  const others = builtIn.filter(({ id }) => !isReplaced(id)).map((mode): Mode => ({ ...mode, source: 'built-in' }));
  return [...others, ...configured];
}

/** Throws UserErrors `no-such-mode` and `mode-unavailable`. */
export function modeNamed(id: string, own: ModesConfig): Mode {
  const modes = modesOf(own);
  const mode = modes.find((one) => one.id === id);
  if (!mode)
    throw new UserError(
      'no-such-mode',
      `There's no mode "${id.slice(0, 100)}". Choose one of these: ${modes.map((one) => one.id).join(', ')}.`,
    );
  if (mode.unavailable !== undefined) throw new UserError('mode-unavailable', mode.unavailable);
  return mode;
}

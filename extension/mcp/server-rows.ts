// The rows in which MCP servers and their tools are listed, and the words of a tool as its user reads them before approving it. Pure.
import type { McpServerState, McpToolState } from '../../shared/protocol/mcp.ts';
import { argvWords } from '../../shared/words/argv-words.ts';
import { inEnglish, type Translate } from '../logic/translate.ts';
import { withoutIcons } from '../logic/without-icons.ts';

export interface ServerRow {
  label: string;
  description: string;
  detail: string;
  server: McpServerState;
}

export interface ToolRow {
  label: string;
  description: string;
  detail: string;
  tool: McpToolState;
}

export function serverRows(servers: readonly McpServerState[], t: Translate = inEnglish): ServerRow[] {
  return servers.map((server) => ({
    label: `$(${iconOf(server)}) ${server.name}`,
    description: stateWords(server, t),
    detail: [targetWords(server), server.why ?? toolsWords(server, t)].map(withoutIcons).join(' · '),
    server,
  }));
}

function iconOf({ state, tools }: McpServerState): string {
  if (state === 'failed') return 'error';
  if (tools.some((tool) => tool.on && tool.state === 'changed')) return 'warning';
  return { stopped: 'circle-outline', starting: 'loading~spin', running: 'circle-filled' }[state];
}

const states: Readonly<Record<McpServerState['state'], string>> = {
  stopped: 'not running',
  starting: 'starting',
  running: 'running',
  failed: 'failed',
};

export function stateWords({ state, pid }: McpServerState, t: Translate = inEnglish): string {
  return pid === undefined ? t(states[state]) : t('running, process {0}', pid);
}

/** What is started, argument by argument, or the address. */
export function targetWords({ target }: Pick<McpServerState, 'target'>): string {
  return target.kind === 'address' ? target.url : argvWords(target.argv);
}

/** `2 approved, 1 changed`; those that config.json leaves out are not counted. */
export function toolsWords({ tools, asked }: McpServerState, t: Translate = inEnglish): string {
  const count = (state: McpToolState['state']): number =>
    tools.filter((tool) => tool.on && tool.state === state).length;
  const [approved, changed, waiting] = [count('approved'), count('changed'), count('new')];
  const facts = [
    ...(approved > 0 ? [t('{0} approved', approved)] : []),
    ...(changed > 0 ? [t('{0} changed since', changed)] : []),
    ...(waiting > 0 ? [t('{0} to approve', waiting)] : []),
  ];
  if (facts.length > 0) return facts.join(', ');
  return asked ? t('no tools') : t('its tools are shown once it has been started');
}

/** Those that the agent may call once the user has approved them. */
export function toApprove(tools: readonly McpToolState[]): McpToolState[] {
  return tools.filter(({ on, state }) => on && (state === 'new' || state === 'changed'));
}

const toolIcons: Readonly<Record<McpToolState['state'], string>> = {
  approved: 'check',
  new: 'circle-outline',
  changed: 'warning',
  gone: 'circle-slash',
};

const toolStates: Readonly<Record<McpToolState['state'], string>> = {
  approved: 'approved',
  new: 'not approved yet',
  changed: 'blocked until you approve its change',
  gone: 'no longer offered',
};

/** What waits for the user comes first. */
export function toolRows(tools: readonly McpToolState[], t: Translate = inEnglish): ToolRow[] {
  const waiting = new Set(toApprove(tools));
  return [...waiting, ...tools.filter((tool) => !waiting.has(tool))].map((tool) => ({
    label: `$(${tool.on ? toolIcons[tool.state] : 'eye-closed'}) ${withoutIcons(tool.name)}`,
    description: [
      tool.on ? t(toolStates[tool.state]) : t('left out by config.json'),
      t('{0} tokens a prompt', tool.tokens),
    ].join(', '),
    detail: withoutIcons(tool.why ?? firstLine(tool.description)),
    tool,
  }));
}

/** All that a model is told of it, which is what an approval holds for. */
export function toolText(
  server: string,
  name: string,
  { description, parameters }: { description: string; parameters: string },
): string {
  return [`${name} (${server})`, description, indented(parameters)].join('\n\n').concat('\n');
}

function indented(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2);
  } catch {
    return json;
  }
}

function firstLine(text: string): string {
  return text.trim().split(/\r?\n/, 1)[0] ?? '';
}

/**
 * A command as one types it, as the words of its arguments: quotes hold a word together, and a backslash is itself, as Windows' paths have
 * it. Undefined where a quote isn't closed.
 */
export function argumentsIn(command: string): string[] | undefined {
  const quotes = /"([^"]*)"|'([^']*)'/g;
  if (/["']/.test(command.replace(quotes, ''))) return undefined;
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  return words.map((each) => each.replace(quotes, (_, double?: string, single?: string) => double ?? single ?? ''));
}

// Which tools of a server the user has approved, and whether they are still what was approved: name, description and parameters, to the
// character. What another program under an old name offers isn't.
import { createHash } from 'node:crypto';
import type { Tool } from '@modelcontextprotocol/client';
import type { McpServerConfig } from '../../base/config/mcp.ts';
import type { McpPin } from '../../storage/profiles.ts';

/** `gone`: it was approved, and the server doesn't offer it any more. */
type ToolState = 'approved' | 'new' | 'changed' | 'gone';

/** What a tool says of itself, as the server sent it. */
export type OfferedTool = Pick<Tool, 'name' | 'description' | 'inputSchema'>;

export interface JudgedTool {
  name: string;
  state: ToolState;
  hash: string;
  description: string;
  /** JSON. */
  parameters: string;
  /** What was approved, where that is something else. */
  was?: { description: string; parameters: string };
  /** Said of one that changed: what did. */
  why?: string;
}

function toolHash({ name, description = '', inputSchema }: OfferedTool): string {
  return hashOf([name, description, canonical(inputSchema)]);
}

/** Of all that decides which program or address it is, and what it is given. */
export function configHash({ command, args = [], env = {}, cwd, url, headers = {} }: McpServerConfig): string {
  return hashOf([command ?? null, args, canonical(env), cwd ?? null, url ?? null, canonical(headers)]);
}

export function toPin(
  tool: OfferedTool,
  { server, config, now }: { server: string; config: McpServerConfig; now: number },
): McpPin {
  return {
    server,
    tool: tool.name,
    config: configHash(config),
    hash: toolHash(tool),
    description: tool.description ?? '',
    parameters: JSON.stringify(tool.inputSchema),
    approvedAt: now,
  };
}

/** `offered` is undefined where that isn't known, since the server doesn't run: then what was approved is taken at its word. */
export function judgeTools(
  offered: readonly OfferedTool[] | undefined,
  pins: readonly McpPin[],
  config: McpServerConfig,
): JudgedTool[] {
  const current = configHash(config);
  const pinned = new Map(pins.map((pin) => [pin.tool, pin]));
  if (!offered) return pins.map((pin) => judgePin(pin, pin.config === current ? 'approved' : 'changed'));
  const names = new Set(offered.map(({ name }) => name));
  const gone = pins.filter(({ tool }) => !names.has(tool)).map((pin) => judgePin(pin, 'gone'));
  return [...offered.map((tool) => judgeTool(tool, pinned.get(tool.name), current)), ...gone];
}

function judgePin({ tool: name, hash, description, parameters }: McpPin, state: ToolState): JudgedTool {
  const why = state === 'changed' ? configChanged : undefined;
  return { name, state, hash, description, parameters, ...(why !== undefined && { why }) };
}

const configChanged = "The server's configuration changed since you approved it.";

function judgeTool(tool: OfferedTool, pin: McpPin | undefined, config: string): JudgedTool {
  const { name, description = '', inputSchema } = tool;
  const judged = { name, description, parameters: JSON.stringify(inputSchema), hash: toolHash(tool) };
  if (!pin) return { ...judged, state: 'new' };
  const isSame = pin.hash === judged.hash;
  if (isSame && pin.config === config) return { ...judged, state: 'approved' };
  const changed = [
    ...(pin.description === description ? [] : ['description']),
    ...(isSame || pin.parameters === judged.parameters ? [] : ['parameters']),
  ];
  const own = changed.length > 0 ? `Its ${changed.join(' and ')} changed since you approved it.` : undefined;
  const why = own ?? (isSame ? configChanged : 'It changed since you approved it.');
  const was = { description: pin.description, parameters: pin.parameters };
  return { ...judged, state: 'changed', why, ...(!isSame && { was }) };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/** With the keys of objects in one order: who only sends them in another has changed nothing. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => [key, canonical(each)]);
}

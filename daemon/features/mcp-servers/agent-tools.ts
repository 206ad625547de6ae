// The approved tools of a profile's servers as tools of the agent. Nothing is started for that: a server is when one of its tools is
// called, and then what it offers is compared with what was approved.
import { createHash } from 'node:crypto';
import { escapeHidden } from '../../../shared/hidden-characters.ts';
import { cleanMessage } from '../../base/clean-text.ts';
import { CancelledError, UserError } from '../../base/errors.ts';
import { estimateTokens } from '../../base/tokens.ts';
import type { AgentTool, PreparedCall, ToolOutcome, ToolRun } from '../agent/tools/tool.ts';
import type { JudgedTool } from './pins.ts';
import { resultParts } from './result-text.ts';
import type { McpServer } from './server.ts';
import { modelDescription, modelName, modelParameters, shownName } from './tool-text.ts';

/** What of a profile's servers a run may use. */
export interface UsableServer {
  name: string;
  /** A hash of what config.json says of it. */
  config: string;
  server: Pick<McpServer, 'call'>;
  /** Those that are on and approved, as far as is known without starting it. */
  tools: readonly JudgedTool[];
  /** Judges anew one that is about to be called. Starts the server. */
  judge(tool: string, signal: AbortSignal): Promise<JudgedTool | undefined>;
}

/** For all servers together: each token is paid for in every prompt. */
export const maxToolTokens = 1000;
const maxInput = 100_000; // characters

interface ToolSelection {
  tools: AgentTool[];
  /** What was left out, in a sentence each. */
  notes: string[];
}

export function selectTools(servers: readonly UsableServer[]): ToolSelection {
  const tools: AgentTool[] = [];
  const notes: string[] = [];
  let room = maxToolTokens;
  for (const server of servers) {
    let leftOut = 0;
    for (const judged of server.tools) {
      const tool = toAgentTool(server, judged);
      const tokens = toolTokens(server.name, judged);
      if (!tool || tokens > room) {
        leftOut++;
        continue;
      }
      room -= tokens;
      tools.push(tool);
    }
    if (leftOut > 0)
      notes.push(
        `${leftOut} of ${server.tools.length} tools of ${server.name} aren't offered: the descriptions of all MCP tools may take ${maxToolTokens} tokens. Name the ones you need in "mcpServers.${server.name}.tools" in config.json.`,
      );
  }
  return { tools, notes };
}

/** What it adds to each prompt. */
export function toolTokens(server: string, tool: Pick<JudgedTool, 'name' | 'description' | 'parameters'>): number {
  return estimateTokens(JSON.stringify(modelTool(server, tool)));
}

/** What a model is told of it; its parameters are undefined where they can't be shown to one. */
function modelTool(server: string, { name, description, parameters }: Omit<JudgedTool, 'state' | 'hash'>) {
  return {
    name: modelName(server, name),
    description: modelDescription(server, description),
    parameters: modelParameters(parameters),
  };
}

function toAgentTool(server: UsableServer, judged: JudgedTool): AgentTool | undefined {
  const { parameters, ...words } = modelTool(server.name, judged);
  if (!parameters) return undefined;
  return { ...words, parameters, kind: 'mcp', prepare: (given, run) => prepare(given, run, { server, judged }) };
}

interface ToolOfServer {
  server: UsableServer;
  judged: JudgedTool;
}

async function prepare(given: unknown, run: ToolRun, { server, judged }: ToolOfServer): Promise<PreparedCall> {
  const input = typeof given === 'object' && given !== null && !Array.isArray(given) ? { ...given } : undefined;
  const shown = shownName(server.name, judged.name);
  const json = JSON.stringify(input, null, 2);
  if (!input || json.length > maxInput)
    throw new UserError('wrong-arguments', `${shown} takes one object of at most ${maxInput} characters.`);
  return {
    title: `Call ${shown}`,
    source: `what ${shown} returned`,
    approval: {
      shown: {
        kind: 'mcp',
        text: `Call ${shown}, a tool of an MCP server, with this input?`,
        input: escapeHidden(json),
        canAlways: true,
      },
      identity: createHash('sha256')
        .update(JSON.stringify([server.name, server.config, judged.name, judged.hash]))
        .digest('hex'),
    },
    perform: () => perform(input, run, { server, judged }),
  };
}

/** Looks first whether the tool is still the one that was approved. */
async function perform(
  input: Record<string, unknown>,
  { signal, report }: ToolRun,
  { server, judged }: ToolOfServer,
): Promise<ToolOutcome> {
  const shown = shownName(server.name, judged.name);
  try {
    const now = await server.judge(judged.name, signal);
    if (now?.state !== 'approved' || now.hash !== judged.hash) return refused(shown, server.name, now);
    const result = await server.server.call(judged.name, input, { signal, report });
    const ok = result.isError !== true;
    return {
      ok,
      text: resultParts(result, `Result of ${shown}`),
      summary: ok ? `${shown} answered` : `${shown} failed`,
      isMaterial: true,
    };
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    // Sentences of ours are quoted as well, since they may tell what a server wrote before it ended.
    const words =
      error instanceof UserError
        ? error.message
        : cleanMessage(error instanceof Error ? error.message : String(error), 1000);
    return {
      ok: false,
      text: [{ source: `Error of ${shown}`, text: words }],
      summary: `${shown} failed`,
      isMaterial: true,
    };
  }
}

function refused(shown: string, server: string, now: JudgedTool | undefined): ToolOutcome {
  const why =
    now?.state === 'changed' ? (now.why ?? 'It changed since you approved it.') : 'The server offers it no more.';
  const summary = `${shown} wasn't called. ${why} To look at it and approve it again, run \`switchyard mcp approve ${server}\`.`;
  return {
    ok: false,
    text: [`${shown} wasn't called. ${why} Only the user can approve it again.`],
    summary,
    isMaterial: false,
  };
}

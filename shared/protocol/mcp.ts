// Messages about the MCP servers of config.json: what they offer to the agent, and what of it the user has approved.
import * as z from 'zod';
import { request } from './define.ts';
import { PartialResultToken } from './text.ts';

const Server = z.string().max(100);

/** A tool's own words are a stranger's: they are shown cleaned, and as they were when it was approved. */
const McpTool = z.object({
  name: z.string(),
  /** `changed`: it isn't what was approved, and isn't called until it is approved again. */
  state: z.enum(['approved', 'new', 'changed', 'gone']),
  /** Of name, description and parameters; an approval names it. */
  hash: z.string(),
  description: z.string(),
  /** A JSON schema, as JSON. */
  parameters: z.string(),
  /** What was approved, where that is something else. */
  was: z.object({ description: z.string(), parameters: z.string() }).optional(),
  /** Of one that changed: what did. */
  why: z.string().optional(),
  /** False where config.json names other tools of this server. */
  on: z.boolean(),
  /** What it adds to each prompt of a run that may call it. */
  tokens: z.number().int(),
});

const McpServer = z.object({
  name: z.string(),
  /** What is started, or asked. Never what its environment or its headers hold. */
  target: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('program'), argv: z.array(z.string()) }),
    z.object({ kind: z.literal('address'), url: z.string() }),
  ]),
  state: z.enum(['stopped', 'starting', 'running', 'failed']),
  /** Of one that failed: why. */
  why: z.string().optional(),
  /** The version of the protocol that both speak, a date. */
  protocol: z.string().optional(),
  /** Of a program that runs: its process. */
  pid: z.number().int().optional(),
  tools: z.array(McpTool),
  /** Whether `tools` are what it offers now; else they are what was approved. */
  asked: z.boolean(),
});

export const McpList = request(
  'switchyard/mcp/list',
  'Lists the MCP servers of config.json, with their tools. One that is named is started and asked what it offers now.',
  {
    params: z.object({ server: Server.optional() }),
    result: z.object({ servers: z.array(McpServer) }),
  },
);

export const McpApprove = request(
  'switchyard/mcp/approve',
  'Lets the agent call tools of a server in this profile, each as it was shown; or takes that back.',
  {
    params: z.object({
      server: Server,
      /** Of what was listed; `hash` says what the user saw. */
      tools: z.array(z.object({ name: z.string().max(1000), hash: z.string().max(100) })).max(300),
      approved: z.boolean(),
    }),
    result: z.object({ tools: z.number().int() }),
  },
);

export const McpConfigure = request(
  'switchyard/mcp/configure',
  'Adds an MCP server to config.json, or changes it; without one, removes it. Nothing is started.',
  {
    params: z.object({
      name: Server,
      /** As config.json has it. */
      server: z.record(z.string(), z.unknown()).optional(),
    }),
    result: z.object({}),
  },
);

export const McpRestart = request(
  'switchyard/mcp/restart',
  "Ends this profile's process of an MCP server, or its connection, and starts it anew; returns once it has said what it offers.",
  { params: z.object({ server: Server }), result: z.object({ tools: z.number().int() }) },
);

export const McpLogin = request(
  'switchyard/mcp/login',
  'Signs in to an MCP server, in a browser that the client opens; returns when the user has.',
  {
    params: z.object({ server: Server, partialResultToken: PartialResultToken }),
    part: z.object({ kind: z.literal('open'), url: z.string() }),
    result: z.object({}),
  },
);

export const McpLogout = request('switchyard/mcp/logout', "Forgets this profile's sign-in to an MCP server.", {
  params: z.object({ server: Server }),
  result: z.object({ wasSignedIn: z.boolean() }),
});

export type McpServerState = z.infer<typeof McpServer>;
export type McpToolState = z.infer<typeof McpTool>;

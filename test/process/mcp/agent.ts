// Another agent: MCP's own client, with the built program as its server.

import { pathToFileURL } from 'node:url';
import { type CallToolResult, Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { type Home, program } from '../home.ts';

/** How a connection begins: by `initialize`, or, since 2026, by asking what the server is. */
export const generations = ['initialize', 'discover'] as const;

export interface AgentOptions {
  generation?: (typeof generations)[number];
  /** Paths or URIs; a client that can't name folders where they are left out. */
  folders?: readonly string[] | undefined;
  args?: readonly string[];
  cwd?: string;
}

export async function connectAgent(
  home: Home,
  { generation = 'initialize', folders, args = [], cwd = home.folder }: AgentOptions = {},
): Promise<Client> {
  const client = new Client(
    { name: 'test agent', version: '1' },
    {
      capabilities: folders ? { roots: {} } : {},
      versionNegotiation: { mode: generation === 'discover' ? { pin: '2026-07-28' } : 'legacy' },
    },
  );
  if (folders)
    client.setRequestHandler('roots/list', async () => ({
      roots: folders.map((folder) => ({ uri: folder.startsWith('file:') ? folder : pathToFileURL(folder).href })),
    }));
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [program, 'mcp', ...args],
      env: home.env as Record<string, string>,
      cwd,
      stderr: 'ignore',
    }),
  );
  return client;
}

/** The text that the agent's model reads. */
export function textOf(result: unknown): string {
  return ((result as CallToolResult).content ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

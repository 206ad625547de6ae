// Opens a connection to one server, with the SDK's client: which transport, which generation of the protocol, and whose words it has.
import { homedir } from 'node:os';
import type { Client, OAuthClientProvider } from '@modelcontextprotocol/client';
import { thisBuild } from '../../../base/build.ts';
import { childEnvironment } from '../../../base/child-environment.ts';
import type { McpServerConfig } from '../../../base/config/mcp.ts';
import type { Fetch } from '../../../base/egress.ts';
import { UserError } from '../../../base/errors.ts';
import { expandHome } from '../../../base/paths.ts';
import { ProgramTransport } from './program-transport.ts';
import { type ReferenceSources, resolved } from './references.ts';
import { ServerFetch } from './server-fetch.ts';

/** Lives from a server's start, or the first request to it, to its end. */
export interface McpConnection {
  readonly client: Client;
  /** Of a program. */
  readonly pid: number | undefined;
  /** The version of the protocol that both speak, a date. */
  readonly protocol: string;
  /** Resolves when the other end is gone, with how it ended. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

export interface OpenDeps {
  config: McpServerConfig;
  fetch: Fetch;
  sources: ReferenceSources;
  /** Of a server with an address: whose tokens it is sent. */
  authProvider: OAuthClientProvider | undefined;
  onWords(stderr: string): void;
  onToolsChanged(): void;
}

type Sdk = typeof import('@modelcontextprotocol/client');

const startMs = 60_000; // `npx` may download a program first
const probeMs = 15_000; // for a program to say that it speaks the newer generation; silence means that it doesn't
const maxPages = 20;

/** Throws UserError, and what the SDK throws. */
export async function openConnection(deps: OpenDeps): Promise<McpConnection> {
  const sdk = await import('@modelcontextprotocol/client');
  return deps.config.url === undefined ? await openProgram(sdk, deps) : await openAddress(sdk, deps.config.url, deps);
}

function createClient({ Client }: Sdk, { onToolsChanged }: OpenDeps): Client {
  const client = new Client(
    { name: 'switchyard', title: 'Switchyard', version: thisBuild.version },
    {
      capabilities: {}, // a server is told of no folder, asks no model, and asks the user nothing
      versionNegotiation: { mode: 'auto', probe: { timeoutMs: probeMs } },
      listMaxPages: maxPages,
      listChanged: { tools: { autoRefresh: false, debounceMs: 0, onChanged: () => onToolsChanged() } },
      // Results are quoted, never computed with: a schema of the server's is not compiled.
      jsonSchemaValidator: {
        getValidator: () => (input) => ({ valid: true, data: input as never, errorMessage: undefined }),
      },
    },
  );
  client.onerror = () => {}; // what matters of it ends a request or the connection
  return client;
}

/** A program that ends at a question before `initialize` speaks the older generation: it is started once more, and asked otherwise. */
async function openProgram(sdk: Sdk, deps: OpenDeps): Promise<McpConnection> {
  const env = { ...programEnvironment(), ...(await resolved(deps.config.env ?? {}, deps.sources)) };
  const first = createProgram(sdk, deps, env);
  try {
    return await connectProgram(sdk, deps, { transport: first, isOlder: false });
  } catch (error) {
    if (error instanceof UserError || first.end === undefined) throw error;
    return await connectProgram(sdk, deps, { transport: createProgram(sdk, deps, env), isOlder: true });
  }
}

function createProgram({ ReadBuffer }: Sdk, { config, onWords }: OpenDeps, env: NodeJS.ProcessEnv): ProgramTransport {
  return new ProgramTransport({
    command: expandHome(config.command ?? ''),
    args: config.args ?? [],
    env,
    cwd: config.cwd === undefined ? homedir() : expandHome(config.cwd),
    buffer: new ReadBuffer({ maxBufferSize: maxMessageBytes }),
    onWords,
  });
}

const maxMessageBytes = 8 * 1024 * 1024;

function programEnvironment(): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _, ...env } = childEnvironment(process.env);
  return env;
}

async function connectProgram(
  sdk: Sdk,
  deps: OpenDeps,
  { transport, isOlder }: { transport: ProgramTransport; isOlder: boolean },
): Promise<McpConnection> {
  const client = createClient(sdk, deps);
  const ended = Promise.withResolvers<string>();
  client.onclose = () => ended.resolve(transport.end ?? 'closed');
  try {
    await client.connect(transport, { timeout: startMs, ...(isOlder && { prior: { kind: 'legacy' } }) });
  } catch (error) {
    await transport.close();
    if (transport.end === undefined || error instanceof UserError) throw error;
    throw new Error(`it ended (${transport.end})`, { cause: error });
  }
  return {
    client,
    pid: transport.pid ?? undefined,
    protocol: client.getNegotiatedProtocolVersion() ?? '',
    ended: ended.promise,
    close: () => transport.close(),
  };
}

async function openAddress(sdk: Sdk, url: string, deps: OpenDeps): Promise<McpConnection> {
  const way = new ServerFetch(deps.fetch);
  const headers = await resolved(deps.config.headers ?? {}, deps.sources);
  const { authProvider } = deps;
  const transport = new sdk.StreamableHTTPClientTransport(new URL(url), {
    fetch: way.fetch,
    requestInit: { headers },
    ...(authProvider && { authProvider }),
  });
  const client = createClient(sdk, deps);
  const ended = Promise.withResolvers<string>();
  client.onclose = () => ended.resolve('the connection was closed');
  try {
    await client.connect(transport, { timeout: startMs });
  } catch (error) {
    await client.close().catch(() => {});
    throw way.refusal ?? error;
  }
  return {
    client,
    pid: undefined,
    protocol: client.getNegotiatedProtocolVersion() ?? '',
    ended: ended.promise,
    async close() {
      await transport.terminateSession().catch(() => {}); // a courtesy
      await client.close();
    },
  };
}

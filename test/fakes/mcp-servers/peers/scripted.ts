// A program that is an MCP server as a script says: which dates of the protocol it speaks, which tools it offers, how it misbehaves. Run
// as `node scripted.ts SCRIPT`, where SCRIPT is a JSON file that is read anew at each request. Beside it, `SCRIPT.log` has what it was
// asked.
import { spawn } from 'node:child_process';
import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

export interface McpScript {
  /** What it answers `initialize` with. */
  protocol: string;
  tools: { name: string; description?: string; inputSchema: object; annotations?: object }[];
  /** What a method before `initialize` does: an error as JSON-RPC has it, the end of the process, or nothing. */
  unknown?: 'error' | 'exit' | 'silence';
  /** Whether it goes on when its stdin has ended. */
  stays?: boolean;
  /** Whether a child of its own is started with it. */
  hasChild?: boolean;
  /** Written to stderr at its start. */
  words?: string;
  /** Ends before it has said anything. */
  fails?: boolean;
}

interface Message {
  id?: number | string;
  method?: string;
  params?: {
    name?: string;
    arguments?: Record<string, unknown>;
    requestId?: unknown;
    _meta?: { progressToken?: unknown };
  };
}

const [, own = '', file = ''] = process.argv;

function script(): McpScript {
  return JSON.parse(readFileSync(file, 'utf8')) as McpScript;
}

function note(text: string): void {
  appendFileSync(`${file}.log`, `${text}\n`);
}

function send(message: object): void {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
}

/** By the tool's name. */
const calls: Record<string, (given: Record<string, unknown>, message: Message) => object | undefined> = {
  echo: (given) => ({ content: [{ type: 'text', text: JSON.stringify(given) }] }),
  environment: () => ({ content: [{ type: 'text', text: JSON.stringify({ ...process.env, cwd: process.cwd() }) }] }),
  picture: () => ({
    content: [
      { type: 'image', data: 'AAAA', mimeType: 'image/png' },
      { type: 'text', text: 'A picture.' },
    ],
  }),
  long: () => ({ content: [{ type: 'text', text: 'word '.repeat(200_000) }] }),
  refuse: () => ({ content: [{ type: 'text', text: 'No such thing.' }], isError: true }),
  never: (_given, { params }) => {
    send({
      method: 'notifications/progress',
      params: { progressToken: params?._meta?.progressToken, progress: 1, message: 'Half way' },
    });
    return undefined;
  },
  crash: () => process.exit(7),
};

function answer(message: Message): void {
  const { id, method = '', params } = message;
  note(method === 'tools/call' ? `${method} ${params?.name}` : method);
  if (id === undefined) return;
  const { protocol, tools, unknown = 'error' } = script();
  const result = (value: object): void => send({ id, result: value });
  if (method === 'initialize')
    return result({
      protocolVersion: protocol,
      capabilities: { tools: { listChanged: true } },
      serverInfo: { name: 'scripted', version: '1' },
    });
  if (method === 'tools/list') return result({ tools });
  if (method === 'tools/call') {
    const returned = calls[params?.name ?? '']?.(params?.arguments ?? {}, message);
    if (returned) result(returned);
    return;
  }
  if (unknown === 'exit') process.exit(1);
  if (unknown === 'error') send({ id, error: { code: -32601, message: 'Method not found' } });
}

if (own.endsWith('scripted.ts')) {
  note(`start ${process.pid}`);
  const { words, fails, hasChild, stays } = script();
  if (words) process.stderr.write(`${words}\n`);
  if (fails) process.exit(3);
  if (hasChild) {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    note(`child ${child.pid}`);
  }
  if (stays) setInterval(() => {}, 1000);
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => answer(JSON.parse(line) as Message));
  process.on('SIGUSR2', () => send({ method: 'notifications/tools/list_changed' }));
}

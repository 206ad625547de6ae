// What grows and what stalls in a daemon under load: chats, searches, imports and a changing folder that is indexed, all at once, for as
// long as is asked for. From a line a second of the daemon itself (peers/probe.mjs): how much resident memory and heap grow in an
// hour, and how late the event loop is, beside a bare echo's in the same minutes, which tells what the machine's other work costs.
//   soak [--minutes N]      60 when left out; one JSON document goes to stdout
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { Home, program } from '../process/home.ts';
import { currentLoad, describeMachine } from './kit/machine.ts';
import { connect, echo, initialize, startPeer } from './kit/servers.ts';

const pieces = 20;
const files = 300;
const probe = fileURLToPath(new URL('./peers/probe.mjs', import.meta.url));

/** A second of a process, as the probe writes it. */
interface Second {
  atMs: number;
  /** Of all delays since the process had started. */
  p999Ms: number;
  /** The longest delay of this second. */
  maxMs: number;
  heapMB: number;
  residentMB: number;
}

/** Returns the exit code: 2 for wrong words. */
export async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { minutes: { type: 'string', default: '60' } } });
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) {
    process.stderr.write('soak: --minutes takes a number above 0.\n');
    return 2;
  }
  process.stdout.write(`${JSON.stringify(await soak(minutes), null, 2)}\n`);
  return 0;
}

async function soak(minutes: number): Promise<object> {
  await using home = new Home();
  const { address: model } = await startPeer(home, 'model-server.ts', String(pieces));
  home.configure({ providers: { scripted: { type: 'openai-compatible', baseUrl: model, models: ['scripted'] } } });
  const probed = { daemon: home.file('daemon.jsonl'), echo: home.file('echo.jsonl') };
  startProbed(home, [echo], probed.echo);
  const daemon = startProbed(home, [program, 'serve'], probed.daemon);
  await once(daemon.stderr ?? daemon, 'data'); // says that it is ready
  const connection = await connect(home);
  await initialize(connection);
  const load = { before: currentLoad(), after: 0 };
  const counts = await work(connection, home, minutes * 60_000);
  load.after = currentLoad();
  connection.close();
  const left = once(daemon, 'exit');
  daemon.kill('SIGTERM');
  await left;
  const [ours, bare] = [secondsIn(probed.daemon), secondsIn(probed.echo)];
  const [oursMs, bareMs] = [latenessOf(ours), latenessOf(bare)];
  return {
    machine: describeMachine(),
    measuredAt: new Date().toISOString(),
    minutes,
    load,
    counts,
    residentMB: growthOf(ours, 'residentMB'),
    heapMB: growthOf(ours, 'heapMB'),
    lateMs: { daemon: oursMs, echo: bareMs, p999Above: oursMs.p999 - bareMs.p999 },
  };
}

function startProbed(home: Home, args: readonly string[], file: string): ReturnType<Home['spawn']> {
  const asBefore = process.env['PROBE_FILE'];
  process.env['PROBE_FILE'] = file;
  const child = home.spawn(['--import', pathToFileURL(probe).href, ...args]);
  if (asBefore === undefined) delete process.env['PROBE_FILE'];
  child.stdout?.resume();
  return child;
}

/** The load. Returns how often each of its parts was done. */
async function work(connection: MessageConnection, home: Home, forMs: number): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const until = performance.now() + forMs;
  const root = home.project('src');
  const write = (number: number): void => {
    writeFileSync(home.project('src', `file${number}.ts`), sourceOf(number));
  };
  for (let number = 0; number < files; number++) write(number);
  await connection.sendNotification('workspace/didChangeWorkspaceFolders', {
    event: { added: [{ uri: pathToFileURL(root).href, name: 'src' }], removed: [] },
  });
  const lane = async (name: string, pauseMs: number, step: (number: number) => unknown): Promise<void> => {
    for (let number = 0; performance.now() < until; number++) {
      await step(number);
      counts[name] = number + 1;
      await delay(pauseMs);
    }
  };
  const ask = async (): Promise<unknown> =>
    await connection.sendRequest('switchyard/chat/send', {
      text: `What does this function do? (${randomUUID()})`,
      model: 'scripted/scripted',
      partialResultToken: randomUUID(),
    });
  await Promise.all([
    lane('answers', 20, ask),
    lane('answers of a second window', 50, ask),
    lane('searches', 200, (number) =>
      connection.sendRequest('switchyard/search', { query: `function value${number % 50}` }),
    ),
    lane('imports', 500, () => connection.sendRequest('switchyard/chat/import', { chat: importedChat() })),
    lane('changed files', 200, (number) => write(number % files)),
  ]);
  return counts;
}

function sourceOf(number: number): string {
  const one = (index: number): string =>
    `/** Adds ${index} to what file ${number} was given. ${randomUUID()} */\nexport function value${index}(given: number): number {\n  return given + ${index};\n}\n`;
  return Array.from({ length: 20 }, (_, index) => one(index)).join('\n');
}

const messagesOfImport = 100;

function importedChat(): object {
  const id = randomUUID();
  const createdAt = Date.now();
  const messages = Array.from({ length: messagesOfImport }, (_, index) => ({
    id: String(index),
    ...(index > 0 && { parentId: String(index - 1) }),
    role: index % 2 === 0 ? 'user' : 'assistant',
    text: `Message ${index} of chat ${id}: how is value${index % 50} used, and by whom?`,
    status: 'complete',
    createdAt,
  }));
  return { title: `Imported ${id}`, createdAt, updatedAt: createdAt, origin: { source: 'soak', id }, messages };
}

function secondsIn(file: string): Second[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Second);
}

/** Also the seconds whose longest delay lies above 50 ms, as a share of all. */
function latenessOf(seconds: readonly Second[]): { p999: number; max: number; secondsAbove50: number } {
  return {
    p999: seconds.at(-1)?.p999Ms ?? 0,
    max: Math.max(...seconds.map(({ maxMs }) => maxMs)),
    secondsAbove50: seconds.filter(({ maxMs }) => maxMs > 50).length / seconds.length,
  };
}

/** From the second third on, when what is kept once has been loaded: a straight line through the lowest values of each tenth. */
function growthOf(
  seconds: readonly Second[],
  field: 'residentMB' | 'heapMB',
): { start: number; end: number; perHour: number } {
  const settled = seconds.slice(Math.floor(seconds.length / 3));
  const width = Math.max(1, Math.floor(settled.length / 10));
  const points: { hours: number; value: number }[] = [];
  for (let at = 0; at + width <= settled.length; at += width) {
    const lowest = settled.slice(at, at + width).reduce((a, b) => (b[field] < a[field] ? b : a)); // right after a collection
    points.push({ hours: lowest.atMs / 3_600_000, value: lowest[field] });
  }
  return { start: points[0]?.value ?? 0, end: points.at(-1)?.value ?? 0, perHour: slopeOf(points) };
}

/** Least squares. */
function slopeOf(points: readonly { hours: number; value: number }[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanHours, meanValue] = [mean(points.map(({ hours }) => hours)), mean(points.map(({ value }) => value))];
  const spread = points.reduce((sum, { hours }) => sum + (hours - meanHours) ** 2, 0);
  return points.reduce((sum, { hours, value }) => sum + (hours - meanHours) * (value - meanValue), 0) / (spread || 1);
}

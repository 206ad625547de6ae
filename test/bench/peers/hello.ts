// The arms of `bench -- peers`, in a network namespace: says "hello" with each program in turn, and writes one JSON document.
// The only name server is ours, which knows no name and remembers which were asked for.
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import { Home, program } from '../../process/home.ts';
import { type PeerCommand, peers } from '../kit/peers.ts';

export interface HelloRequest {
  /** Where each peer is installed, by name. */
  folders: Record<string, string>;
  rounds: number;
}

interface HelloSample {
  /** Of all bodies that were sent to the model server. */
  bytes: number;
  requests: number;
  requestMs: number;
  firstMs: number;
}

export interface HelloFigures {
  name: string;
  samples: HelloSample[];
  /** Names that it looked up. */
  hosts: string[];
}

interface HelloArm extends HelloFigures {
  command: PeerCommand;
  cwd: string;
  /** Done before each turn. */
  before?(): Promise<unknown>;
}

const answer = 'Well, hello there.';
const warmUp = 1; // rounds: what is done once, at the first start
const turnLimitMs = 120_000;

/** Notes the names that are asked for, and says of each that it does not exist. */
async function startNameServer(): Promise<{ asked: Set<string>; close(): void }> {
  const asked = new Set<string>();
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const labels: string[] = [];
    for (let at = 12; (query[at] ?? 0) > 0; at += 1 + (query[at] ?? 0))
      labels.push(query.toString('latin1', at + 1, at + 1 + (query[at] ?? 0)));
    asked.add(labels.join('.').toLowerCase());
    const reply = Buffer.from(query);
    reply.writeUInt16BE(0x8183, 2); // an answer: there is no such name
    socket.send(reply, port, address);
  });
  await new Promise<void>((bound) => socket.bind(53, '127.0.0.1', bound));
  return { asked, close: () => socket.close() };
}

async function takeTurn(arm: HelloArm, model: ScriptedServer): Promise<HelloSample> {
  await arm.before?.();
  model.requests.length = 0;
  let requestMs: number | undefined;
  let firstMs: number | undefined;
  const startedAt = performance.now();
  const since = (): number => performance.now() - startedAt;
  model.reply = () => {
    requestMs ??= since();
    return { text: answer, usage: { input: 20, output: 5 } };
  };
  const { program: path, args, env } = arm.command;
  const child = spawn(path, args, { cwd: arm.cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: turnLimitMs });
  let said = '';
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.includes(answer.slice(0, 4))) firstMs ??= since();
  });
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  await once(child, 'close');
  if (requestMs === undefined || firstMs === undefined)
    throw new Error(`no answer came: ${`${said}\n${complaint}`.trim().slice(-300)}`);
  return {
    bytes: model.chats.reduce((sum, { headers, body }) => sum + lengthOf(headers['content-length'], body), 0),
    requests: model.chats.length,
    requestMs,
    firstMs,
  };
}

function lengthOf(header: string | undefined, body: unknown): number {
  return header === undefined ? Buffer.byteLength(JSON.stringify(body)) : Number(header);
}

async function main({ folders, rounds }: HelloRequest): Promise<void> {
  execFileSync('ip', ['link', 'set', 'lo', 'up']);
  const root = mkdtempSync(join(tmpdir(), 'sy-peers-'));
  writeFileSync(join(root, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  execFileSync('mount', ['--bind', join(root, 'resolv.conf'), '/etc/resolv.conf']);
  const names = await startNameServer();
  const model = await startOpenAiServer();
  const home = new Home({
    providers: { scripted: { type: 'openai-compatible', baseUrl: model.url, models: ['scripted'] } },
  });
  const failures: string[] = [];
  try {
    let arms = armsOf(root, { folders, model: model.url, home });
    for (let round = -warmUp; round < rounds; round++)
      for (const arm of arms) {
        names.asked.clear();
        try {
          const sample = await takeTurn(arm, model);
          if (round >= 0) arm.samples.push(sample);
          arm.hosts = [...new Set([...arm.hosts, ...names.asked])].sort();
        } catch (error) {
          failures.push(`${arm.name} is not measured: ${(error as Error).message}`);
          arms = arms.filter((other) => other !== arm);
        }
      }
    process.stdout.write(
      JSON.stringify({ arms: arms.map(({ name, samples, hosts }) => ({ name, samples, hosts })), failures }),
    );
  } finally {
    await home[Symbol.asyncDispose]();
    await model.close();
    names.close();
    execFileSync('umount', ['/etc/resolv.conf']);
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
}

function armsOf(
  root: string,
  { folders, model, home }: { folders: Record<string, string>; model: string; home: Home },
): HelloArm[] {
  const cwd = join(root, 'work');
  mkdirSync(cwd);
  execFileSync('git', ['init', '--quiet', cwd]);
  const variables = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', NO_COLOR: '1' };
  const ours: PeerCommand = {
    program: process.execPath,
    args: [program, 'chat', 'hello', '--no-cache'],
    env: { ...variables, HOME: root, SWITCHYARD_HOME: home.folder },
  };
  return [
    { name: 'Switchyard, its daemon running', command: ours, cwd, samples: [], hosts: [] },
    ...peers.flatMap((peer): HelloArm[] => {
      const folder = folders[peer.name];
      if (folder === undefined) return [];
      const own = join(root, peer.name);
      mkdirSync(own);
      const command = peer.command({ folder, home: own, model });
      command.env = { ...variables, HOME: own, ...command.env };
      return [{ name: `${peer.name} ${peer.version}`, command, cwd, samples: [], hosts: [] }];
    }),
    {
      name: 'Switchyard, its daemon not running',
      command: ours,
      cwd,
      samples: [],
      hosts: [],
      before: () => home.switchyard(['stop', '--force']),
    },
  ];
}

await main(JSON.parse(process.argv[2] ?? '{}') as HelloRequest);

// Other gateways, installed on demand into a cache outside the clone and started on a free port. They are never dependencies:
// one that cannot be had is named with the reason, and the others are measured without it.
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Home } from '../../process/home.ts';
import { streamChat, type Target } from './http-chat.ts';
import { type Installable, installedIn, step } from './install.ts';

export interface Gateway extends Installable {
  /** What to run, given the folder, a port and the model server's base URL. Throws an Error where it cannot be run as it should. */
  command(at: { folder: string; port: number; model: string; home: Home }): {
    program: string;
    args: string[];
    target: Omit<Target, 'url'> & { path: string };
  };
}

/**
 * As it is published. Its program sleeps 25 ms when the first event of a stream has come, before it passes anything on (`readStream`
 * of its source, where the server is not Bedrock), and no setting changes that.
 */
export const portkey: Gateway = portkeyOf('Portkey', (program) => program);

/** The same without that sleep: the rest of its work by itself, and what ours is held against. */
export const portkeyWithoutSleep: Gateway = portkeyOf('Portkey without its sleep', withoutSleep);

function portkeyOf(name: string, prepare: (program: string) => string): Gateway {
  const version = '1.15.2';
  return {
    name,
    version,
    folder: 'portkey',
    install: (folder) => {
      // Its own range takes a hono with which streaming fails.
      const overrides = { hono: '4.9.7', '@hono/node-server': '1.3.3' };
      writeFileSync(
        join(folder, 'package.json'),
        JSON.stringify({ private: true, dependencies: { '@portkey-ai/gateway': version }, overrides }),
      );
      return step('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], folder);
    },
    command: ({ folder, port, model }) => ({
      program: process.execPath,
      args: [
        prepare(join(folder, 'node_modules/@portkey-ai/gateway/build/start-server.js')),
        `--port=${port}`,
        '--headless',
      ],
      target: {
        path: '/v1/chat/completions',
        headers: { authorization: 'Bearer none', 'x-portkey-provider': 'openai', 'x-portkey-custom-host': model },
      },
    }),
  };
}

const sleepAtFirstEvent = 'l?(l=!1,await new Promise((e=>setTimeout(e,25)))):';

/** Writes a copy of the program beside it, and returns its path. */
function withoutSleep(program: string): string {
  const parts = readFileSync(program, 'utf8').split(sleepAtFirstEvent);
  if (parts.length !== 2) throw new Error(`the sleep at the first event is not where it was in ${program}`);
  const copy = join(dirname(program), 'start-server-without-sleep.js');
  writeFileSync(copy, parts.join('l?(l=!1):'));
  return copy;
}

export const liteLlm: Gateway = {
  name: 'LiteLLM',
  version: '1.80.0',
  install: (folder) => {
    const python = join(folder, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin', 'python');
    return (
      step('python3', ['-m', 'venv', 'venv'], folder) &&
      step(python, ['-m', 'pip', 'install', '--quiet', `litellm[proxy]==${liteLlm.version}`], folder)
    );
  },
  command: ({ folder, port, model, home }) => {
    const config = home.file('litellm.yaml');
    writeFileSync(
      config,
      `model_list:\n  - model_name: scripted\n    litellm_params: { model: openai/scripted, api_base: "${model}", api_key: none }\nlitellm_settings: { telemetry: false }\n`,
    );
    return {
      program: join(folder, 'venv', process.platform === 'win32' ? 'Scripts' : 'bin', 'litellm'),
      args: ['--config', config, '--host', '127.0.0.1', '--port', String(port), '--num_workers', '1'],
      target: { path: '/v1/chat/completions', headers: {} },
    };
  },
};

export const bifrost: Gateway = {
  name: 'Bifrost',
  version: '1.6.3',
  install: (folder) => {
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    return step('npm', ['install', '--no-audit', '--no-fund', `@maximhq/bifrost@${bifrost.version}`], folder);
  },
  command: ({ folder, port, model, home }) => {
    const config = home.file('bifrost', 'config.json');
    const openai = {
      keys: [{ value: 'none', models: ['scripted'], weight: 1 }],
      network_config: { base_url: model.replace(/\/v1$/, '') },
    };
    writeFileSync(config, JSON.stringify({ providers: { openai } }));
    return {
      program: process.execPath, // the package fetches its program from its maker's server at the first start
      args: [
        join(folder, 'node_modules/@maximhq/bifrost/bin.js'),
        '-app-dir',
        dirname(config),
        '-host',
        '127.0.0.1',
        '-port',
        String(port),
      ],
      target: { path: '/v1/chat/completions', headers: {}, model: 'openai/scripted' },
    };
  },
};

/** A running gateway, or why there is none. It ends with the home. */
export async function startGateway(
  gateway: Gateway,
  model: string,
  home: Home,
): Promise<{ target: Target; pid: number | undefined } | { missing: string }> {
  const installed = installedIn(gateway);
  if ('missing' in installed) return installed;
  const { folder } = installed;
  const port = await freePort();
  let command: ReturnType<Gateway['command']>;
  try {
    command = gateway.command({ folder, port, model, home });
  } catch (error) {
    return { missing: `${gateway.name} ${gateway.version} is not measured: ${(error as Error).message}.` };
  }
  const { program, args, target } = command;
  const child = home.spawn(args, program);
  let said = '';
  const ended = new Promise<void>((tell) => child.once('error', () => tell()).once('exit', () => tell()));
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (said = `${said}${chunk.toString()}`.slice(-2000)));
  const whole: Target = {
    url: `http://127.0.0.1:${port}${target.path}`,
    headers: target.headers,
    ...(target.model && { model: target.model }),
  };
  if (await answers(whole, ended)) return { target: whole, pid: child.pid };
  child.kill('SIGKILL');
  const lastLine = said.trim().split('\n').at(-1)?.trim() ?? '';
  return {
    missing: `${gateway.name} ${gateway.version} does not answer, so it is not measured${lastLine && ` (it said: ${lastLine.slice(0, 200)})`}.`,
  };
}

const startLimitMs = 90_000; // LiteLLM imports for a long time
const pollMs = 500;

async function answers(target: Target, ended: Promise<void>): Promise<boolean> {
  const deadline = Date.now() + startLimitMs;
  let isOver = false;
  void ended.then(() => (isOver = true));
  while (Date.now() < deadline && !isOver) {
    if (
      await streamChat(target, 'Are you there?').then(
        () => true,
        () => false,
      )
    )
      return true;
    await delay(pollMs);
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

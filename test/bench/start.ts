// Cold start: no daemon, a fresh home. From spawning `switchyard --stdio` until `initialize` is answered, which takes two
// processes: the forwarder and the daemon that it starts. Reference: a bare vscode-jsonrpc echo, one process, in the same rounds.
// The daemon alone, from spawn until it says that it is ready, shows how the time is divided.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Home, program } from '../process/home.ts';
import { type RoundOptions, takeTurns, timed } from './kit/measure.ts';
import type { Result } from './kit/report.ts';
import { echo, end, initialize, type Server, startForwarder, startServer } from './kit/servers.ts';

export async function run(options: RoundOptions): Promise<Result> {
  const {
    program: cold,
    daemon,
    bare,
  } = await takeTurns(
    {
      bare: () => inFreshHome((home) => startServer(home, [echo])),
      program: () => inFreshHome(startForwarder),
      daemon: daemonAlone,
    },
    options,
  );
  const against = { what: 'bare echo', rounds: bare };
  return {
    rows: [
      { what: 'cold start to initialize', unit: 'ms', rounds: cold, against, goal: { of: 'value', atMost: 300 } },
      { what: 'of it the daemon, spawn to ready', unit: 'ms', rounds: daemon },
      { what: 'bare echo, spawn to initialize', unit: 'ms', rounds: bare },
    ],
  };
}

async function inFreshHome(start: (home: Home) => Server): Promise<number> {
  await using home = new Home();
  const startedAt = performance.now();
  const server = start(home);
  await initialize(server.connection);
  const tookMs = performance.now() - startedAt;
  await end(server);
  return tookMs;
}

async function daemonAlone(): Promise<number> {
  await using home = new Home();
  return await timed(async () => {
    const child = spawn(process.execPath, [program, 'serve', '--quiet'], {
      env: home.env,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const [report] = (await once(child, 'message')) as [{ ready: boolean }];
    assert.ok(report.ready);
  });
}

// Warm attach: a daemon runs, another window opens. From spawning the forwarder until `initialize` is answered; reference: a bare
// vscode-jsonrpc echo, spawned in the same rounds. Node that prints one byte shows how much of both is Node's own start.
// A process that already runs, such as a browser view's server, attaches over the socket without any spawn.
import { once } from 'node:events';
import { Home } from '../process/home.ts';
import { type RoundOptions, takeTurns, timed } from './kit/measure.ts';
import type { Result } from './kit/report.ts';
import { connect, echo, end, initialize, type Server, startForwarder, startServer } from './kit/servers.ts';

export async function run(options: RoundOptions): Promise<Result> {
  await using home = new Home();
  const resident = startForwarder(home); // keeps the daemon
  await initialize(resident.connection);
  const measured = await takeTurns(
    {
      node: () => bareNode(home),
      echo: () => spawned(() => startServer(home, [echo])),
      forwarder: () => spawned(() => startForwarder(home)),
      socket: () => overSocket(home),
    },
    options,
  );
  await end(resident);
  const against = { what: 'bare echo', rounds: measured.echo };
  return {
    rows: [
      {
        what: 'forwarder, spawn to initialize',
        unit: 'ms',
        rounds: measured.forwarder,
        against,
        goal: { of: 'ratio', atMost: 1.2 },
      },
      { what: 'the same in absolute time', unit: 'ms', rounds: measured.forwarder, goal: { of: 'value', atMost: 50 } },
      { what: 'socket, connect to initialize', unit: 'ms', rounds: measured.socket, goal: { of: 'value', atMost: 50 } },
      { what: 'bare echo, spawn to initialize', unit: 'ms', rounds: measured.echo },
      { what: 'Node alone, spawn to first byte', unit: 'ms', rounds: measured.node },
    ],
  };
}

async function spawned(start: () => Server): Promise<number> {
  const startedAt = performance.now();
  const server = start();
  await initialize(server.connection);
  const tookMs = performance.now() - startedAt;
  await end(server);
  return tookMs;
}

async function overSocket(home: Home): Promise<number> {
  const startedAt = performance.now();
  const connection = await connect(home);
  await initialize(connection);
  const tookMs = performance.now() - startedAt;
  connection.close();
  return tookMs;
}

async function bareNode(home: Home): Promise<number> {
  const child = home.spawn(['--eval', 'process.stdout.write("x")']);
  const tookMs = await timed(() => once(child.stdout ?? child, 'data'));
  if (child.exitCode === null) await once(child, 'exit');
  return tookMs;
}

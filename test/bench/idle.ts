// What the daemon costs while nobody asks it anything: memory and processor time, no model loaded, one client attached.
// Then what each further client adds to it, and what a forwarder takes, which is the rest of a further window's price.
// Reference for the memory: the bare vscode-jsonrpc echo, looked at in the same moments. Linux only: the numbers are from /proc.
import { setTimeout as delay } from 'node:timers/promises';
import { Home } from '../process/home.ts';
import { type RoundOptions, takeTurns } from './kit/measure.ts';
import { memoryOf, processorTimeMs } from './kit/processes.ts';
import { known, type Result } from './kit/report.ts';
import { connect, echo, end, initialize, startForwarder, startServer } from './kit/servers.ts';

const settleMs = 3000; // the first collection of start-up's garbage comes by itself
const stretchMs = 2000; // one round of watching
const clientsBefore = 100; // the first ones compile code and make room for the rest
const furtherClients = 500;

export async function run(options: RoundOptions): Promise<Result> {
  if (process.platform !== 'linux') throw new Error('`idle` reads /proc, which only Linux has.');
  await using home = new Home();
  const forwarder = startForwarder(home);
  const daemon = await initialize(forwarder.connection);
  const bare = startServer(home, [echo]);
  const echoPid = await initialize(bare.connection);
  await delay(settleMs);
  const { share, resident, forwarderPrivate, echoResident } = await takeTurns(
    {
      share: () => processorShare(daemon),
      resident: async () => memoryOf(daemon).residentMB,
      forwarderPrivate: async () => memoryOf(forwarder.child.pid ?? 0).privateMB,
      echoResident: async () => memoryOf(echoPid).residentMB,
    },
    options,
  );
  const perClient = await addedByClients(home, daemon);
  await end(forwarder);
  await end(bare);
  return {
    rows: [
      {
        what: 'daemon, resident memory',
        unit: 'MB',
        rounds: resident,
        against: { what: 'bare echo', rounds: echoResident },
        goal: { of: 'value', atMost: 120 },
      },
      {
        what: `daemon, processor, ${stretchMs / 1000} s a round`,
        unit: '%',
        rounds: share,
        goal: { of: 'value', atMost: 0.5 },
      },
      {
        what: 'each further client, in the daemon',
        unit: 'kB',
        rounds: known(perClient),
        goal: { of: 'value', atMost: 20 },
      },
      {
        what: 'each further window, its forwarder',
        unit: 'MB',
        rounds: forwarderPrivate,
        goal: { of: 'value', atMost: 25 },
      },
      { what: 'bare echo, resident memory', unit: 'MB', rounds: echoResident },
    ],
    notes: [
      'A forwarder is counted by its private memory: the pages of Node itself are shared with the daemon and every other window.',
      `Each further client is an average over ${furtherClients}, after ${clientsBefore} others; garbage of their greetings is in it.`,
    ],
  };
}

async function processorShare(pid: number): Promise<number> {
  const before = processorTimeMs(pid);
  const startedAt = performance.now();
  await delay(stretchMs);
  return (100 * (processorTimeMs(pid) - before)) / (performance.now() - startedAt);
}

/** Kilobytes that one more client adds to the daemon. */
async function addedByClients(home: Home, daemon: number): Promise<number> {
  const first = await attach(home, clientsBefore);
  const before = memoryOf(daemon).residentMB;
  const further = await attach(home, furtherClients);
  const added = memoryOf(daemon).residentMB - before;
  for (const client of [...first, ...further]) client.close();
  return (added * 1024) / furtherClients;
}

async function attach(home: Home, count: number): Promise<{ close(): void }[]> {
  const clients = [];
  for (let i = 0; i < count; i++) {
    const client = await connect(home);
    await initialize(client);
    clients.push(client);
  }
  await delay(settleMs);
  return clients;
}

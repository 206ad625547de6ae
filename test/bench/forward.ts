// A request's round trip: editor > forwarder > socket > daemon and back, one at a time. Reference: the bare vscode-jsonrpc echo on
// stdio. The request is `codeAction/resolve`, which the daemon checks and gives back as it came, so that both carry the same bytes.
// The socket without a forwarder, and the daemon alone on stdio, show which hop costs what.
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { Home, program } from '../process/home.ts';
import { type Arm, type RoundOptions, takeTurns, timed } from './kit/measure.ts';
import type { Result, Row } from './kit/report.ts';
import { connect, echo, end, initialize, startForwarder, startServer } from './kit/servers.ts';

const requestsPerRound = 500;

export async function run(options: RoundOptions): Promise<Result> {
  await using home = new Home();
  await using homeAlone = new Home();
  const bare = startServer(home, [echo]);
  const forwarder = startForwarder(home);
  const alone = startServer(homeAlone, [program, '--stdio', '--alone']);
  for (const { connection } of [bare, forwarder, alone]) await initialize(connection);
  const socket = await connect(home);
  await initialize(socket);
  const ends = { bare: bare.connection, forwarder: forwarder.connection, socket, alone: alone.connection };
  const rows = [
    ...(await measure('64 B', { ends, bytes: 64, goal: 1.15, options })),
    ...(await measure('4 kB', { ends, bytes: 4096, goal: 1.4, options })),
  ];
  socket.close();
  for (const server of [bare, forwarder, alone]) await end(server);
  return { rows };
}

interface RoundTrips {
  ends: Record<'bare' | 'forwarder' | 'socket' | 'alone', MessageConnection>;
  bytes: number;
  /** The most that the forwarder may take, as a multiple of the bare echo. */
  goal: number;
  options: RoundOptions;
}

async function measure(size: string, { ends, bytes, goal, options }: RoundTrips): Promise<Row[]> {
  const { bare, forwarder, socket, alone } = await takeTurns(
    {
      bare: roundTrips(ends.bare, bytes),
      forwarder: roundTrips(ends.forwarder, bytes),
      socket: roundTrips(ends.socket, bytes),
      alone: roundTrips(ends.alone, bytes),
    },
    options,
  );
  const against = { what: 'bare echo', rounds: bare };
  return [
    {
      what: `${size} through forwarder and daemon`,
      unit: 'us',
      rounds: forwarder,
      against,
      goal: { of: 'ratio', atMost: goal },
    },
    { what: `${size} the same, p99`, unit: 'us', rounds: forwarder, share: 0.99 },
    {
      what: `${size} the same, to see the hop alone`,
      unit: 'us',
      rounds: forwarder,
      against: { what: 'daemon on stdio', rounds: alone },
    },
    { what: `${size} over the socket, no forwarder`, unit: 'us', rounds: socket, against },
    { what: `${size} daemon alone on stdio`, unit: 'us', rounds: alone, against },
    { what: `${size} bare echo`, unit: 'us', rounds: bare },
  ];
}

/** Microseconds of each of a block of requests whose params are so many bytes of JSON. */
function roundTrips(connection: MessageConnection, bytes: number): Arm {
  const params = { title: 'x'.repeat(bytes - '{"title":""}'.length) };
  return async () => {
    const samples: number[] = [];
    for (let i = 0; i < requestsPerRound; i++)
      samples.push(1000 * (await timed(() => connection.sendRequest('codeAction/resolve', params))));
    return samples;
  };
}

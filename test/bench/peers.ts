// A plain "hello" in a terminal, ours beside other programs: bytes sent to the model, hosts looked up, the time from the start to the
// request, and to the first piece of the answer on stdout. All ask the same scripted OpenAI-compatible server, in turns, in a network
// of their own where nothing else can be reached (Linux only). Peers are installed into a cache at the first run; one that cannot be
// had is named.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installedIn } from './kit/install.ts';
import type { RoundOptions, Rounds } from './kit/measure.ts';
import { peers } from './kit/peers.ts';
import type { Result, Row } from './kit/report.ts';
import type { HelloFigures, HelloRequest } from './peers/hello.ts';

const hello = fileURLToPath(new URL('./peers/hello.ts', import.meta.url));

export async function run({ rounds }: RoundOptions): Promise<Result> {
  if (process.platform !== 'linux') return { rows: [], notes: ['This needs network namespaces, which Linux has.'] };
  const notes: string[] = [];
  const folders: Record<string, string> = {};
  for (const peer of peers) {
    const installed = installedIn(peer);
    if ('folder' in installed) folders[peer.name] = installed.folder;
    else notes.push(installed.missing);
  }
  const request: HelloRequest = { folders, rounds };
  const { status, stdout, stderr } = spawnSync(
    'unshare',
    ['--map-root-user', '--net', '--mount', process.execPath, hello, JSON.stringify(request)],
    { encoding: 'utf8', maxBuffer: 1e8 },
  );
  if (status !== 0)
    return { rows: [], notes: [...notes, `No network of its own could be made: ${stderr.trim().slice(-500)}`] };
  const { arms, failures } = JSON.parse(stdout) as { arms: HelloFigures[]; failures: string[] };
  return {
    rows: arms.flatMap(rowsOf),
    notes: [
      ...notes,
      ...failures,
      ...arms.map(({ name, hosts }) => `${name} looked up: ${hosts.length > 0 ? hosts.join(', ') : 'no host'}.`),
      'Names cannot be resolved and nothing but the model server answers, so what a program does online may take longer or shorter.',
    ],
  };
}

function rowsOf({ name, samples, hosts }: HelloFigures): Row[] {
  const rounds = (value: (sample: HelloFigures['samples'][number]) => number): Rounds =>
    samples.map((sample) => [value(sample)]);
  return [
    { what: `${name}: sent to the model`, unit: 'kB', rounds: rounds(({ bytes }) => bytes / 1000) },
    { what: `${name}: requests to the model`, unit: '', rounds: rounds(({ requests }) => requests) },
    { what: `${name}: other hosts looked up`, unit: '', rounds: [[hosts.length]] },
    { what: `${name}: start to request`, unit: 'ms', rounds: rounds(({ requestMs }) => requestMs) },
    { what: `${name}: start to first piece on stdout`, unit: 'ms', rounds: rounds(({ firstMs }) => firstMs) },
  ];
}

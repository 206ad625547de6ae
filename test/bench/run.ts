// `npm run bench [-- NAME…] [--json] [--rounds N] [--scale 1m]`. TABLE OF CONTENTS of the benchmarks; what each measures is in its own file.
// A table for people goes to stderr; with --json, one document goes to stdout.
import { parseArgs } from 'node:util';
import { currentLoad, describeMachine } from './kit/machine.ts';
import type { RoundOptions } from './kit/measure.ts';
import { type Figures, figuresOf, type Result, tableOf } from './kit/report.ts';

interface Benchmark {
  run(options: RoundOptions): Promise<Result>;
}

/** `onlyByName`: not part of a run of all. */
const benchmarks: Readonly<Record<string, { about: string; onlyByName?: boolean; load(): Promise<Benchmark> }>> = {
  start: { about: 'cold start of the daemon, to initialize', load: () => import('./start.ts') },
  attach: { about: 'attaching to a daemon that runs', load: () => import('./attach.ts') },
  forward: { about: "a request's round trip through forwarder and daemon", load: () => import('./forward.ts') },
  idle: { about: 'memory and processor time of an idle daemon', load: () => import('./idle.ts') },
  extension: { about: 'activating the extension', load: () => import('./extension.ts') },
  chat: { about: 'what the daemon adds to a streamed answer', load: () => import('./chat.ts') },
  layers: { about: "what a part of an answer costs in the model's layers", load: () => import('./layers.ts') },
  cache: { about: 'answers from the cache, and equal questions at once', load: () => import('./cache.ts') },
  gateways: {
    about: 'the same beside other gateways, which are installed first',
    onlyByName: true,
    load: () => import('./gateways.ts'),
  },
  peers: {
    about: 'a "hello" in a terminal beside other programs, which are installed first',
    onlyByName: true,
    load: () => import('./peers.ts'),
  },
  memory: { about: 'storing messages, and finding them', load: () => import('./memory.ts') },
  history: { about: 'what a blocked disk of the history costs a request', load: () => import('./history.ts') },
  'history-view': {
    about: 'the history view over 100,000 messages, in a browser',
    load: () => import('./views/history-view.ts'),
  },
  secrets: { about: 'finding secrets in a prompt', load: () => import('./secrets.ts') },
  steady: { about: 'a keystroke in a large document with findings', load: () => import('./steady.ts') },
  acp: { about: 'a task over the Agent Client Protocol, and stopping it', load: () => import('./acp/acp.ts') },
  local: { about: 'chats that share a model on this machine', load: () => import('./local.ts') },
  completion: {
    about: "ghost text beside llama.vscode's own requests to llama-server, which is built first",
    onlyByName: true,
    load: () => import('./completion/completion.ts'),
  },
  inference: {
    about: "models of this machine beside llama.cpp's own programs, which are built first",
    onlyByName: true,
    load: () => import('./inference/inference.ts'),
  },
  ocr: {
    about: 'text out of 40 screenshots of code, rendered by a browser',
    onlyByName: true,
    load: () => import('./vision/ocr.ts'),
  },
  pictures: { about: 'pictures of questions, refused and made ready', load: () => import('./vision/pictures.ts') },
  size: { about: 'bytes of what is installed', load: () => import('./size.ts') },
};

const minRounds = 7; // with fewer, a median says little

interface Measurement {
  name: string;
  about: string;
  load: { before: number; after: number };
  figures: Figures[];
  notes: readonly string[];
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  if (args[0] === 'index') return (await import('./search/code-index.ts')).main(args.slice(1));
  if (args[0] === 'retrieval') return (await import('./retrieval.ts')).main(args.slice(1)); // has options of its own
  if (args[0] === 'router') return (await import('./router.ts')).main(args.slice(1)); // it has options of its own
  if (args[0] === 'review') return (await import('./review/measure.ts')).main(args.slice(1));
  if (args[0] === 'soak') return (await import('./soak.ts')).main(args.slice(1));
  if (args[0] === 'suffix') return (await import('./inference/suffix-likelihood.ts')).main(args.slice(1));
  const request = read(args);
  if ('problem' in request) {
    process.stderr.write(
      `${request.problem}\n\nBenchmarks:\n${Object.entries(benchmarks)
        .map(([name, { about }]) => `  ${name.padEnd(13)} ${about}\n`)
        .join('')}`,
    );
    return 2;
  }
  const machine = describeMachine();
  process.stderr.write(
    `${machine.cores} cores (${machine.processor}), ${machine.memoryGB} GB, ${machine.system}, Node ${machine.node}; ${request.rounds} rounds\n`,
  );
  const measured: Measurement[] = [];
  for (const name of request.names) {
    const one = await measure(name, { rounds: request.rounds, ...(request.scale && { scale: request.scale }) });
    process.stderr.write(
      `\n${name}: ${one.about} (load ${one.load.before} before, ${one.load.after} after)\n${tableOf(one.figures)}\n${one.notes.map((note) => `  ${note}\n`).join('')}`,
    );
    measured.push(one);
  }
  if (request.json)
    process.stdout.write(
      `${JSON.stringify({ machine, rounds: request.rounds, measuredAt: new Date().toISOString(), benchmarks: measured })}\n`,
    );
  return 0;
}

type Request = { names: string[]; rounds: number; scale?: string; json: boolean } | { problem: string };

function read(args: string[]): Request {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        rounds: { type: 'string', default: '9' },
        scale: { type: 'string' },
      },
    });
    const unknown = positionals.find((name) => !Object.hasOwn(benchmarks, name));
    if (unknown !== undefined) return { problem: `There is no benchmark "${unknown}".` };
    const rounds = Number(values.rounds);
    if (!Number.isInteger(rounds) || rounds < minRounds)
      return { problem: `--rounds takes a whole number from ${minRounds} on.` };
    if (values.scale !== undefined && values.scale !== '1m') return { problem: '--scale takes 1m.' };
    const names =
      positionals.length > 0 ? positionals : Object.keys(benchmarks).filter((name) => !benchmarks[name]?.onlyByName);
    return { ...(values.scale && { scale: values.scale }), names, rounds, json: values.json };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

async function measure(name: string, options: RoundOptions): Promise<Measurement> {
  const benchmark = benchmarks[name];
  if (!benchmark) throw new Error(`no benchmark ${name}`);
  const before = currentLoad();
  const { rows, notes = [] } = await (await benchmark.load()).run(options);
  return { name, about: benchmark.about, load: { before, after: currentLoad() }, figures: rows.map(figuresOf), notes };
}

// `npm run test:windows [-- NAME…]`: the suites of what differs between systems, run by Node for Windows inside Wine. Names choose
// suites by a part of their path. Ends in counts as mocha writes them, and with exit code 75 where Wine cannot be had.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { projectFiles } from '../architecture/sources.ts';
import { type Lack, lacks } from './lacks.ts';
import { NotHere, say, setUpWindows, type WindowsMachine, windowsPath } from './setup.ts';

/** What was seen to pass: of `process` and `wire` not all yet. A name on the command line runs any other. */
const wings = [
  'process/blocked-history',
  'process/daemon/builds',
  'process/cli',
  'process/gateway',
  'process/keys/workspace-keys',
  'process/planted-program',
  'wire/choosing',
  'wire/commands',
  'wire/contract',
  'wire/documents',
  'wire/frames',
  'daemon/storage/',
  'daemon/base/',
  'daemon/keys/',
  'daemon/ignore/',
  'daemon/code-index/',
  'daemon/transfer/',
  'daemon/sessions/',
  'daemon/rpc/',
  'daemon/cli/',
  'daemon/features/agent/approvals/',
  'daemon/features/agent/attacks',
  'daemon/features/agent/checkpoints/',
  'daemon/features/agent/loop/',
  'daemon/features/agent/tools/edit',
  'daemon/features/agent/tools/run',
  'daemon/features/mcp-servers/command-line',
  'daemon/features/pipeline/analysers/find-tool',
  'daemon/models/inference/download',
];

const cannotBeHad = 75; // EX_TEMPFAIL of sysexits.h
const suiteLimitMs = 6 * 60_000;

/** The part of mocha's JSON report that is read here. */
interface Report {
  passes: { fullTitle: string }[];
  pending: { fullTitle: string }[];
  failures: { fullTitle: string; err: { message?: string; stack?: string } }[];
}

interface Totals {
  passing: number;
  pending: number;
  failing: number;
}

process.exitCode = await main(process.argv.slice(2));

async function main(names: string[]): Promise<number> {
  const started = Date.now();
  try {
    using machine = await setUpWindows();
    const totals = await runSuites(machine, chosenSuites(names));
    const minutes = Math.ceil((Date.now() - started) / 60_000);
    say(`\n  ${totals.passing} passing (${minutes}m)\n  ${totals.pending} pending\n  ${totals.failing} failing`);
    return totals.failing > 0 || totals.passing === 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof NotHere)) throw error;
    say(`Not tested under Windows: ${error.message}.`);
    return cannotBeHad;
  }
}

function chosenSuites(names: string[]): string[] {
  const suites = projectFiles().filter((file) => file.endsWith('.test.ts'));
  const ours = wings.flatMap((wing) => suites.filter((file) => file.startsWith(`test/${wing}`)));
  return names.length === 0 ? ours : suites.filter((file) => names.some((name) => file.includes(name)));
}

async function runSuites(machine: WindowsMachine, suites: string[]): Promise<Totals> {
  const totals: Totals = { passing: 0, pending: 0, failing: 0 };
  const waiting = suites.values();
  const work = async (): Promise<void> => {
    for (const suite of waiting) await runSuite(machine, suite, totals);
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, work));
  return totals;
}

async function runSuite(machine: WindowsMachine, suite: string, totals: Totals): Promise<void> {
  const rows = lacks.filter((row) => row.suite === suite);
  const whole = rows.find(({ title }) => title === undefined);
  if (whole) {
    totals.pending++;
    say(`- ${suite}: ${whole.reason}`);
    return;
  }
  const { report, output, how } = await runMocha(machine, suite);
  if (report) count(suite, report, rows, totals);
  else {
    totals.failing++;
    say(`x ${suite} ${how}\n${output.slice(-4000)}`);
  }
}

function count(suite: string, { passes, pending, failures }: Report, rows: Lack[], totals: Totals): void {
  const lackOf = (fullTitle: string): Lack | undefined => rows.find(({ title }) => fullTitle.startsWith(title ?? ''));
  const lacking = failures.filter(({ fullTitle }) => lackOf(fullTitle));
  const failing = failures.filter(({ fullTitle }) => !lackOf(fullTitle));
  totals.passing += passes.length;
  totals.pending += pending.length + lacking.length;
  totals.failing += failing.length;
  say(`${failing.length === 0 ? '.' : 'x'} ${suite}: ${passes.length} passing, ${failing.length} failing`);
  for (const { fullTitle } of lacking) say(`    - ${fullTitle}: ${lackOf(fullTitle)?.reason}`);
  for (const { fullTitle, err } of failing)
    say(`    ${fullTitle}\n${indented(err.stack ?? err.message ?? 'no word of why', 8)}`);
}

interface MochaRun {
  report: Report | undefined;
  output: string;
  how: string;
}

/** This machine's pipes are no handles there, so that everything is written to files. */
async function runMocha({ folder, app, node, env }: WindowsMachine, suite: string): Promise<MochaRun> {
  const stem = suite.replaceAll('/', '-');
  const [reportFile, outputFile] = [join(folder, `${stem}.json`), join(folder, `${stem}.out`)];
  const output = openSync(outputFile, 'w');
  const options = [
    '--timeout',
    '180000',
    '--reporter',
    'json',
    '--reporter-option',
    `output=${windowsPath(reportFile)}`,
    suite,
  ];
  const child = spawn('wine', [node, 'node_modules/mocha/bin/mocha.js', ...options], {
    cwd: app,
    env,
    stdio: ['ignore', output, output],
    timeout: suiteLimitMs,
    killSignal: 'SIGKILL',
  });
  const [code, signal] = await once(child, 'exit');
  closeSync(output);
  return {
    report: existsSync(reportFile) ? (JSON.parse(readFileSync(reportFile, 'utf8')) as Report) : undefined,
    output: readFileSync(outputFile, 'utf8'),
    how: signal ? `did not end within ${suiteLimitMs / 60_000} minutes` : `ended with ${code} and no report`,
  };
}

function indented(text: string, spaces: number): string {
  return text
    .split('\n')
    .filter((line) => !/^ +at .*(node_modules|node:)/.test(line))
    .slice(0, 30)
    .map((line) => `${' '.repeat(spaces)}${line}`)
    .join('\n');
}

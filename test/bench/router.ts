// The router: how well what it learned chooses between a weak and a strong model, how fast it decides, how steady it is.
// It takes any CSV of the columns prompt, weak_correct, strong_correct and optionally subject, and prints one JSON document:
//   router --data FILE.csv                  five folds at random; and of whole subjects, where the file names them
//   router --train A.csv --test B.csv       what was learned from A, on B
import { parseArgs } from 'node:util';
import { crossValidate, leaveSubjectsOut, transfer, type Compared } from './router/protocols.ts';
import { readPrompts, type Prompt } from './router/data.ts';
import { measureDecisions } from './router/decisions.ts';
import { meanOf } from './router/measures.ts';
import { createRandom, shuffled } from '../../daemon/router/learn/random.ts';

const goals = { 'p50Ms': 0.3, 'p99Ms': 2, 'flipsPercent': 5, '5-fold': 0.7, 'leave-subjects-out': 0.62 } as const;
const testShare = 0.2;

/** Returns the exit code: 2 for wrong words, 3 for a file that cannot be used. */
export function main(args: string[]): number {
  try {
    const { values } = parseArgs({ args, options: { data: { type: 'string' }, train: { type: 'string' }, test: { type: 'string' }, json: { type: 'boolean' } } });
    if (values.data === undefined && (values.train === undefined || values.test === undefined)) {
      process.stderr.write('Say which prompts: router --data FILE.csv, or router --train A.csv --test B.csv.\n');
      return 2;
    }
    const document = values.data === undefined ? onOther(values.train ?? '', values.test ?? '') : within(values.data);
    process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`router: ${(error as Error).message}\n`);
    return (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 3;
  }
}

function within(file: string): object {
  const prompts = readPrompts(file);
  const subjects = leaveSubjectsOut(prompts);
  const order = shuffled(prompts.length, createRandom(2)).map((place) => prompts[place] as Prompt);
  const border = Math.round(order.length * testShare);
  return report([crossValidate(prompts), ...(subjects ? [subjects] : [])], { data: file, about: prompts, train: order.slice(border), test: order.slice(0, border) });
}

function onOther(trainFile: string, testFile: string): object {
  const [train, test] = [readPrompts(trainFile), readPrompts(testFile)];
  return report([transfer(train, test)], { data: testFile, about: test, train, test });
}

function report(compared: readonly Compared[], { data, about, train, test }: { data: string; about: readonly Prompt[]; train: readonly Prompt[]; test: readonly Prompt[] }): object {
  const { times, flips } = measureDecisions(train, test);
  return {
    data,
    prompts: about.length,
    accuracy: { weak: meanOf(about, ({ weak }) => weak), strong: meanOf(about, ({ strong }) => strong), oracle: meanOf(about, ({ weak, strong }) => Math.max(weak, strong)) },
    protocols: compared,
    decision: times,
    flips,
    met: {
      ...Object.fromEntries(compared.filter(({ protocol }) => protocol !== 'transfer').map(({ protocol, routers }) => [protocol, routers.learned.apgr >= goals[protocol as '5-fold']])),
      neverBelowTheBestSingleModel: compared.every(({ routers }) => routers.learned.leastAboveWeak >= 0 && routers.learned.bestAccuracy >= meanOf(about, ({ strong }) => strong)),
      p50: times.p50Ms <= goals.p50Ms,
      p99: times.p99Ms <= goals.p99Ms,
      flips: flips.inChatPercent <= goals.flipsPercent,
    },
  };
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));

// The router: how well what it learned chooses between a weak and a strong model, how fast it decides, how steady it is.
// It takes any CSV of the columns prompt, weak_correct, strong_correct and optionally subject, and prints one JSON document:
//   router --data FILE.csv                  five folds at random; and of whole subjects, where the file names them
//   router --train A.csv --test B.csv       what was learned from A, on B
import { parseArgs } from 'node:util';
import { createRandom, shuffled } from '../../daemon/models/router/learn/random.ts';
import { type Prompt, readPrompts } from './router/data.ts';
import { measureDecisions } from './router/decisions.ts';
import { gainOf, meanOf } from './router/measures.ts';
import { type Comparison, crossValidate, leaveSubjectsOut, transfer } from './router/protocols.ts';

const goals = {
  p50Ms: 0.3,
  p99Ms: 2,
  flipsPercent: 5,
  '5-fold': 0.7,
  'leave-subjects-out': 0.62,
  rules: 0.55,
} as const;
const testShare = 0.2;

/** Returns the exit code: 2 for wrong words, 3 for a file that cannot be used. Either way one document stands on stdout. */
export function main(args: string[]): number {
  const { exitCode, document } = measured(args);
  if ('error' in document) process.stderr.write(`router: ${document.error}\n`);
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  return exitCode;
}

export function measured(args: string[]): { exitCode: number; document: object } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        data: { type: 'string' },
        train: { type: 'string' },
        test: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
    if (values.data !== undefined) return { exitCode: 0, document: within(values.data) };
    if (values.train !== undefined && values.test !== undefined)
      return { exitCode: 0, document: onOther(values.train, values.test) };
    return {
      exitCode: 2,
      document: { error: 'Say which prompts: router --data FILE.csv, or router --train A.csv --test B.csv.' },
    };
  } catch (error) {
    return {
      exitCode: (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') ? 2 : 3,
      document: { error: (error as Error).message },
    };
  }
}

function within(file: string): object {
  const { prompts, notes } = readPrompts(file);
  const subjects = leaveSubjectsOut(prompts);
  const order = shuffled(prompts.length, createRandom(2)).map((place) => prompts[place] as Prompt);
  const border = Math.max(1, Math.round(order.length * testShare));
  if (!subjects) notes.push('There are fewer than five subjects, so none were left out.');
  return report([crossValidate(prompts), ...(subjects ? [subjects] : [])], {
    data: file,
    about: prompts,
    train: order.slice(border),
    test: order.slice(0, border),
    notes,
  });
}

function onOther(trainFile: string, testFile: string): object {
  const [train, test] = [readPrompts(trainFile), readPrompts(testFile)];
  return report([transfer(train.prompts, test.prompts)], {
    data: testFile,
    about: test.prompts,
    train: train.prompts,
    test: test.prompts,
    notes: [...train.notes, ...test.notes],
  });
}

interface ReportSource {
  data: string;
  about: readonly Prompt[];
  train: readonly Prompt[];
  test: readonly Prompt[];
  notes: readonly string[];
}

function report(compared: readonly Comparison[], { data, about, train, test, notes }: ReportSource): object {
  const { times, flips } = measureDecisions(train, test);
  const gap = meanOf(about, gainOf);
  const learned = compared.map(({ routers }) => routers.learned);
  const unlessNoGap = (isMet: boolean): boolean | null => (gap > 0 ? isMet : null);
  return {
    data,
    prompts: about.length,
    accuracy: {
      weak: meanOf(about, ({ weak }) => weak),
      strong: meanOf(about, ({ strong }) => strong),
      oracle: meanOf(about, ({ weak, strong }) => Math.max(weak, strong)),
    },
    protocols: compared,
    decision: times,
    flips,
    met: {
      ...Object.fromEntries(
        compared
          .filter(({ protocol }) => protocol !== 'transfer')
          .map(({ protocol, routers }) => [
            protocol,
            unlessNoGap((routers.learned.apgr ?? 0) >= goals[protocol as '5-fold']),
          ]),
      ),
      neverBelowTheBestSingleModel: unlessNoGap(
        learned.every(({ above }) => above.calls.single >= 0 && above.cost.single >= 0),
      ),
      neverBelowACoin: unlessNoGap(learned.every(({ above }) => above.calls.coin >= 0 && above.cost.coin >= 0)),
      rulesAlone: unlessNoGap(compared.every(({ routers }) => (routers.rules.apgr ?? 0) >= goals.rules)),
      p50: times.p50Ms <= goals.p50Ms,
      p99: times.p99Ms <= goals.p99Ms,
      flips: flips.inChatPercent <= goals.flipsPercent,
    },
    notes: [...notes, ...doubtsOf(about), ...compared.flatMap(worseThanRidge)],
  };
}

function worseThanRidge({ protocol, routers: { learned, ridge } }: Comparison): string[] {
  const [ours, reference] = [learned.apgr, ridge.apgr];
  return ours !== undefined && reference !== undefined && ours < reference
    ? [
        `${protocol}: what is learned ranks worse than plain ridge (APGR ${ours.toFixed(3)} against ${reference.toFixed(3)}).`,
      ]
    : [];
}

const minPromptsForFigures = 200;

/** What keeps the figures from saying much. */
function doubtsOf(prompts: readonly Prompt[]): string[] {
  return [
    ...(prompts.length < minPromptsForFigures
      ? [`${prompts.length} prompts are few: every figure here is mostly chance.`]
      : []),
    ...(prompts.every((prompt) => gainOf(prompt) === gainOf(prompts[0]))
      ? ['The distance between both models is the same on every prompt: there is nothing to learn.']
      : []),
    ...(meanOf(prompts, gainOf) <= 0
      ? [
          'The strong model is no better than the weak one here: there is no gap to recover, so no APGR, no CPT, and nothing to be met.',
        ]
      : []),
  ];
}

if (import.meta.main) process.exitCode = main(process.argv.slice(2));

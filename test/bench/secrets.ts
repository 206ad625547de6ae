// Finding secrets in a prompt: how many are found, how many finds are right, and how long it takes, on ordinary code and on
// text that was made to be slow. The corpus is made from a seed; see test/daemon/models/secrets/corpus.ts.
import { readFileSync } from 'node:fs';
import { findSecrets, redact } from '../../daemon/models/secrets/scanner.ts';
import { projectFiles, root } from '../architecture/sources.ts';
import { lookAlikes, pick, places, randomFrom, tokens } from '../daemon/models/secrets/corpus.ts';
import { type RoundOptions, takeTurns, timed } from './kit/measure.ts';
import { known, type Result } from './kit/report.ts';

const seed = 20_260_301;
const textLength = 100 * 1024;
const shareOfSecrets = 0.02; // of the lines
const hostilePieces = [
  'sk-',
  'eyJ',
  '-----BEGIN PRIVATE KEY-----',
  '-',
  'password=',
  'password="',
  'token:',
  '=',
  '://a:',
  'JQQJ99',
  ':AA',
];

export async function run(options: RoundOptions): Promise<Result> {
  const sources = ownSources();
  const mixed = mixedText();
  const hostile = hostilePieces.map((piece) => piece.repeat(textLength / piece.length));
  const measured = await takeTurns(
    {
      sources: () => timed(async () => findSecrets(sources)),
      mixed: () => timed(async () => findSecrets(mixed)),
      hostile: () => slowest(hostile),
    },
    options,
  );
  const { made, found, share } = accuracy();
  return {
    rows: [
      {
        what: 'tokens with a form that are found',
        unit: '%',
        rounds: known((found / made) * 100),
        goal: { of: 'value', atLeast: 99 },
      },
      {
        what: 'finds that are right, one line of 50 with a secret',
        unit: '%',
        rounds: known(share * 100),
        goal: { of: 'value', atLeast: 90 },
      },
      {
        what: "100 KB of this project's sources",
        unit: 'ms',
        rounds: measured.sources,
        goal: { of: 'value', atMost: 5 },
      },
      {
        what: '100 KB of look-alikes and secrets',
        unit: 'ms',
        rounds: measured.mixed,
        goal: { of: 'value', atMost: 5 },
      },
      { what: '100 KB of the slowest hostile text', unit: 'ms', rounds: measured.hostile },
    ],
    notes: [`${made} tokens of ${Object.keys(tokens).length} kinds in ${places.length} places, seed ${seed}.`],
  };
}

async function slowest(texts: readonly string[]): Promise<number> {
  let worst = 0;
  for (const text of texts) worst = Math.max(worst, await timed(async () => findSecrets(text)));
  return worst;
}

function ownSources(): string {
  const files = projectFiles().filter((file) => /^(daemon|extension|webview)\/.*\.ts$/.test(file));
  return files
    .map((file) => readFileSync(`${root}/${file}`, 'utf8'))
    .join('\n')
    .slice(0, textLength);
}

function mixedText(): string {
  const random = randomFrom(seed);
  let text = '';
  while (text.length < textLength) {
    const holdsSecret = random() < shareOfSecrets;
    text += `${holdsSecret ? pick(random, places)(pick(random, Object.values(tokens))(random), random) : pick(random, lookAlikes)(random)}\n`;
  }
  return text.slice(0, textLength);
}

function accuracy(): { made: number; found: number; share: number } {
  const random = randomFrom(seed);
  const lines = Object.values(tokens).flatMap((make) =>
    places.flatMap((place) =>
      Array.from({ length: 20 }, () => {
        const token = make(random);
        return { token, text: place(token, random) };
      }),
    ),
  );
  const found = lines.filter(({ token, text }) => !redact(text).text.includes(token.slice(-12))).length;
  let right = 0;
  let wrong = 0;
  for (const { token, text } of lines.filter((_, index) => index % 10 === 0)) {
    const among = Array.from({ length: 50 }, (_, at) => (at === 25 ? text : pick(random, lookAlikes)(random))).join(
      '\n',
    );
    for (const { start, end } of findSecrets(among)) {
      if (among.slice(start, end).includes(token.slice(0, 8))) right++;
      else wrong++;
    }
  }
  return { made: lines.length, found, share: right / (right + wrong) };
}

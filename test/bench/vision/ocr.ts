// Text out of pictures without a model: 40 screenshots of code, rendered by a browser, read by the child as the daemon runs it. Errors are
// counted over all characters, spaces and line ends included. `SHOW=1` prints the lines that were misread.
import { fileURLToPath } from 'node:url';
import { decodePicture } from '../../../daemon/features/vision/decode/decode.ts';
import { TextRecognition } from '../../../daemon/features/vision/recognition/text-recognition.ts';
import { silentLog } from '../../daemon/storage/open-storage.ts';
import { launchBrowser } from '../../editors/harness/browser.ts';
import { known, type Result, type Row } from '../kit/report.ts';
import { type Score, scoreOf } from './score.ts';
import { screenshots } from './screenshots.ts';

interface Measured extends Score {
  theme: string;
  fontSize: number;
  ms: number;
}

export async function run(): Promise<Result> {
  const measured: Measured[] = [];
  const browser = await launchBrowser();
  await using recognition = new TextRecognition({
    hostPath: fileURLToPath(new URL('../../../daemon/features/vision/recognition/host.ts', import.meta.url)),
    pictures: { pixels: (bytes) => decodePicture(bytes) },
    languages: () => ['eng'],
    log: silentLog,
  });
  try {
    const page = await browser.newPage();
    for await (const { name, text, png, theme, fontSize } of screenshots(page)) {
      const from = performance.now();
      const read = await recognition.read({ bytes: png, name }, new AbortController().signal);
      const score = { ...scoreOf(text, read.text), theme, fontSize, ms: performance.now() - from };
      measured.push(score);
      process.stderr.write(`${name} ${theme} ${fontSize}: ${percent(errorShare([score]))} % wrong\n`);
      if (process.env['SHOW']) show(text, read.text);
    }
  } finally {
    await browser.close();
  }
  const themes = [...new Set(measured.map(({ theme }) => theme))];
  const sizes = [...new Set(measured.map(({ fontSize }) => fontSize))].sort((a, b) => a - b);
  return {
    rows: [
      { ...shareRow('characters misread', errorShare(measured)), goal: { of: 'value', atMost: 5 } },
      ...themes.map((theme) =>
        shareRow(`of them ${theme}`, errorShare(measured.filter((each) => each.theme === theme))),
      ),
      ...sizes.map((size) =>
        shareRow(`of them ${size} px`, errorShare(measured.filter((each) => each.fontSize === size))),
      ),
      { ...shareRow('lines with exact indentation', indentedShare(measured)), goal: { of: 'value', atLeast: 90 } },
      { what: 'a screenshot of 26 lines', unit: 'ms', rounds: [measured.map(({ ms }) => ms)] },
    ],
  };
}

function shareRow(what: string, share: number): Row {
  return { what, unit: '%', rounds: known(share * 100) };
}

function errorShare(scores: readonly Score[]): number {
  return sum(scores, ({ errors }) => errors) / sum(scores, ({ characters }) => characters);
}

function indentedShare(scores: readonly Score[]): number {
  return sum(scores, ({ indented }) => indented) / sum(scores, ({ lines }) => lines);
}

function sum(scores: readonly Score[], of: (score: Score) => number): number {
  return scores.reduce((total, score) => total + of(score), 0);
}

function percent(share: number): string {
  return (share * 100).toFixed(2);
}

function show(expected: string, read: string): void {
  const found = read.split('\n');
  for (const [index, line] of expected.split('\n').entries())
    if (line !== found[index]) process.stderr.write(`  - ${line}\n  + ${found[index] ?? ''}\n`);
}

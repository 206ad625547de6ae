// Pictures of questions: how soon a bomb is refused and what that takes of memory, and how long a picture takes until a model can have it.
import { fileURLToPath } from 'node:url';
import { PictureChild } from '../../../daemon/features/vision/child.ts';
import { encodeJpeg } from '../../../daemon/features/vision/decode/jpeg.ts';
import { encodePng } from '../../../daemon/features/vision/decode/png.ts';
import type { PictureGrid } from '../../../daemon/features/vision/pictures.ts';
import { png, pngChunk, pngHeader } from '../../fakes/pictures/png.ts';
import { type RoundOptions, takeTurns, timed } from '../kit/measure.ts';
import { known, type Result } from '../kit/report.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const hostPath = fileURLToPath(new URL('../../../daemon/features/vision/host.ts', import.meta.url));
const signal = new AbortController().signal;

export async function run(options: RoundOptions): Promise<Result> {
  await using child = new PictureChild({ hostPath, isEnabled: () => true, log: silent });
  const first = await refusal(child); // nothing of it is compiled yet
  const dot = png({ width: 1, height: 1, colorType: 0, depth: 8, pixel: () => [0] });
  const screenshot = encodePng(screenOf(1920, 1080));
  const photograph = encodeJpeg(photographOf(4000, 3000), 85);
  const ready = (bytes: Buffer) => () => timed(() => child.prepare(bytes, { name: 'a picture', signal }));
  const arms = { dot: ready(dot), screenshot: ready(screenshot), photograph: ready(photograph) };
  const measured = await takeTurns(arms, options);
  const goal = { of: 'value' } as const;
  return {
    rows: [
      {
        what: 'a bomb of 40,000 × 40,000, refused (the first one)',
        unit: 'ms',
        rounds: known(first.ms),
        goal: { ...goal, atMost: 10 },
      },
      { what: 'memory that it takes', unit: 'MB', rounds: known(first.megabytes), goal: { ...goal, atMost: 5 } },
      { what: 'one pixel, ready for a model', unit: 'ms', rounds: measured.dot },
      { what: 'a screenshot of 1920 × 1080, ready', unit: 'ms', rounds: measured.screenshot },
      { what: 'a photograph of 12 megapixels, ready', unit: 'ms', rounds: measured.photograph },
    ],
    notes: [`The screenshot has ${screenshot.length} bytes, the photograph ${photograph.length}.`],
  };
}

async function refusal(child: PictureChild): Promise<{ ms: number; megabytes: number }> {
  const header = pngHeader({ width: 40_000, height: 40_000, colorType: 2, depth: 8 });
  const bomb = Buffer.concat([header, pngChunk('IDAT', Buffer.alloc(1_500_000))]);
  const before = process.memoryUsage.rss();
  const ms = await timed(() => child.prepare(bomb, { name: 'bomb.png', signal }).catch(() => undefined));
  return { ms, megabytes: (process.memoryUsage.rss() - before) / 1e6 };
}

function gridOf(width: number, height: number, color: (x: number, y: number) => readonly number[]): PictureGrid {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgba.set(color(x, y), (y * width + x) * 4);
  return { width, height, rgba };
}

/** Dark, with marks as close as letters. */
function screenOf(width: number, height: number): PictureGrid {
  const isInk = (x: number, y: number): boolean => y % 20 < 12 && x % 700 < 500 && (x * 7 + y * 3) % 11 < 4;
  return gridOf(width, height, (x, y) => (isInk(x, y) ? [210, 210, 200, 255] : [30, 30, 34, 255]));
}

/** Light that changes slowly, with grain. */
function photographOf(width: number, height: number): PictureGrid {
  return gridOf(width, height, (x, y) => [
    128 + 100 * Math.sin(x / 500) + ((x * y) % 23),
    128 + 90 * Math.cos(y / 700) + ((x + y) % 7),
    ((x + y) / 30) % 256,
    255,
  ]);
}

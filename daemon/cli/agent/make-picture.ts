// `switchyard run --mode image`: has a picture made by a provider, and saves it where the user says. It is stored nowhere else.
import { open, rm } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pictureEnding } from '../../../shared/pictures.ts';
import { VisionGenerate } from '../../../shared/protocol/vision.ts';
import { priceWords } from '../../../shared/usd.ts';
import { errnoCode, UserError } from '../../base/errors.ts';
import type { DaemonClient } from '../kit/client.ts';
import { type ExitCode, HintedError, UsageError, withHint } from '../kit/command.ts';
import { printJson } from '../kit/terminal.ts';
import { printerOn } from './approval-words.ts';

interface PictureOrder {
  prompt: string;
  out?: string | undefined;
  model?: string | undefined;
  'over-budget'?: boolean | undefined;
  json?: boolean | undefined;
}

/** The file is made first: nothing is paid for that couldn't be saved. */
export async function makePicture(client: DaemonClient, order: PictureOrder): Promise<ExitCode> {
  const { prompt, out, model, json = false } = order;
  if (out === undefined) throw new UsageError('Say where to save the picture, as in `--out picture.png`.');
  const file = resolve(out);
  await using target = await open(file, 'wx').catch((error: unknown) => {
    throw notSaved(file, error);
  });
  try {
    const made = await client.call(VisionGenerate, {
      prompt,
      ...(model !== undefined && { model }),
      ...(order['over-budget'] && { overBudget: true }),
    });
    const { image, notes, cost } = made;
    await target.writeFile(Buffer.from(image.data, 'base64'));
    if (json)
      printJson({ file, mediaType: image.mediaType, model: made.model, notes, ...(cost !== undefined && { cost }) });
    else
      tell([...notes, ...wrongEnding(file, image.mediaType), `Saved ${file}`, `${made.model} · ${priceWords(cost)}`]);
    return 0;
  } catch (error) {
    await rm(file, { force: true });
    const isOverBudget = error instanceof UserError && error.code === 'budget-reached';
    throw isOverBudget ? withHint(error, 'To make this one anyway, add `--over-budget`.') : error;
  }
}

function notSaved(file: string, error: unknown): HintedError {
  const code = errnoCode(error);
  const sentence = code === 'EEXIST' ? 'is there already' : `can't be written (${code ?? 'unknown error'})`;
  return new HintedError(
    'not-saved',
    `${file} ${sentence}, so no picture was made.`,
    'Name another file with `--out`.',
  );
}

/** The provider chooses the format. */
function wrongEnding(file: string, mediaType: string): string[] {
  const [ending, own] = [pictureEnding(mediaType), extname(file).slice(1).toLowerCase().replace('jpeg', 'jpg')];
  return own === ending ? [] : [`The picture is in the format ${ending.toUpperCase()}, which ${file} doesn't end in.`];
}

function tell(lines: readonly string[]): void {
  const print = printerOn(process.stderr);
  for (const line of lines) print(line);
}

// `switchyard ocr`: prints the text of a picture, and nothing else on stdout. No model is asked.
import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pictureRefusal } from '../../shared/pictures.ts';
import { VisionOcr } from '../../shared/protocol/vision.ts';
import { UserError } from '../base/errors.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';

export const options = { json } as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 1);
  const [file] = positionals;
  if (file === undefined) throw new UsageError('Name a picture: a PNG, JPEG, GIF, or WebP file.');
  const name = basename(file);
  const bytes = await readPicture(resolve(file));
  const refusal = pictureRefusal(bytes, name);
  if (refusal) throw new UserError('bad-picture', refusal);
  const result = await withDaemon((client) => client.call(VisionOcr, { image: bytes.toString('base64'), name }));
  if (values.json) printJson(result);
  else if (result.text === '') process.stderr.write(`No text was found in ${name}.\n`);
  else printLine(result.text);
  return 0;
}

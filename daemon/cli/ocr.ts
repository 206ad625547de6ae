// `switchyard ocr`: prints the text of a picture, and nothing else on stdout. No model is asked.
import { basename } from 'node:path';
import { VisionOcr } from '../../shared/protocol/vision.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { readNamedPicture } from './kit/named-picture.ts';
import { printJson, printLine } from './kit/terminal.ts';

export const options = { json } as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 1);
  const [file] = positionals;
  if (file === undefined) throw new UsageError('Name a picture: a PNG, JPEG, GIF, or WebP file.');
  const { data: image = '' } = await readNamedPicture(file);
  const name = basename(file);
  const result = await withDaemon((client) => client.call(VisionOcr, { image, name }));
  if (values.json) printJson(result);
  else if (result.text === '') process.stderr.write(`No text was found in ${name}.\n`);
  else printLine(result.text);
  return 0;
}

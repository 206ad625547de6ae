// A document that is no file on this machine is given to analysers as a file of its own, in a folder with nothing else in it.
import { writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { temporaryFolder } from '../../../base/process/temporary-folder.ts';
import { fileNameOf, type ReviewTarget } from '../target.ts';
import type { FileLocation } from './row.ts';

/** TABLE of the endings by which analysers know a language. */
const endings: Readonly<Record<string, string>> = {
  javascript: '.js',
  javascriptreact: '.jsx',
  typescript: '.ts',
  typescriptreact: '.tsx',
  python: '.py',
  go: '.go',
  shellscript: '.sh',
  json: '.json',
  jsonc: '.jsonc',
  css: '.css',
  dockerfile: '.dockerfile',
};

/** A file name with the ending of the document's language; with that of its own name where its language has none. */
export function untitledName({ snippet: { uri, languageId } }: ReviewTarget): string {
  return `untitled${Object.hasOwn(endings, languageId) ? endings[languageId] : extname(fileNameOf(uri))}`;
}

/** Lives as long as the document is analysed. */
export async function temporaryCopy(
  { snippet }: ReviewTarget,
  { file: name }: FileLocation,
): Promise<AsyncDisposable & { location: FileLocation }> {
  const copy = await temporaryFolder('untitled');
  const folder = copy.path;
  const file = join(folder, name);
  await writeFile(file, snippet.text, { mode: 0o600 });
  return {
    location: { file, folder, root: folder },
    [Symbol.asyncDispose]: () => copy[Symbol.asyncDispose](),
  };
}

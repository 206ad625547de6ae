// A file named on the command line, in the form of an editor's document.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { languageOf } from '../../../shared/language.ts';
import { notPlain, readPlainFile } from '../../base/disk.ts';
import { errnoCode, UserError } from '../../base/errors.ts';

export interface NamedFile {
  uri: string;
  /** LSP's language identifier. */
  languageId: string;
  text: string;
}

/** Throws UserError when the file cannot be read. */
export async function readNamedFile(name: string): Promise<NamedFile> {
  const path = resolve(name);
  try {
    const text = await readPlainFile(path);
    return { uri: pathToFileURL(path).href, languageId: languageOf(path, text), text };
  } catch (error) {
    const reason =
      {
        ENOENT: "it doesn't exist",
        EISDIR: "it's a folder",
        EACCES: "you don't have permission",
        [notPlain]: "it's a pipe or a device, not a file. To read a pipe, use `-`",
      }[errnoCode(error) ?? ''] ?? String(error);
    throw new UserError('unreadable-file', `Can't read ${path}: ${reason}.`);
  }
}

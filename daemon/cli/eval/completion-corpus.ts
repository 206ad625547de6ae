// The code that completion is measured with: files of a folder, chosen by a seed.
import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { languageOf } from '../../../shared/language.ts';
import { askGit } from '../../base/process/git.ts';
import type { CodeFile } from './completion-holes.ts';

const maxListed = 20_000;
const maxFileBytes = 100_000;
const minFileLines = 5;
/** Texts that are no code, or not typed by hand. */
const neverCode: ReadonlySet<string> = new Set(['plaintext', 'markdown', 'json', 'html']);
const neverEntered = /^(\..*|node_modules|dist|build|target|venv|__pycache__)$/;

/** What git tracks, else what the folder has: `maxFiles` of it where there are more. */
export async function readCode(folder: string, maxFiles: number, random: () => number): Promise<CodeFile[]> {
  const tracked = await askGit(['ls-files', '-z'], { root: folder, maxBytes: 16 * 1024 * 1024 }).catch(() => '');
  const listed = tracked.split('\0').filter((name) => name !== '');
  const names = (listed.length > 0 ? listed : await filesUnder(folder))
    .filter((name) => !neverCode.has(languageOf(name, '')))
    .toSorted();
  const files: CodeFile[] = [];
  for (const { name } of names.map((name) => ({ name, order: random() })).toSorted((a, b) => a.order - b.order)) {
    if (files.length >= maxFiles) break;
    const text = await textOf(join(folder, name));
    if (text !== undefined) files.push({ path: name, language: languageOf(name, text), text });
  }
  return files;
}

async function filesUnder(folder: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [''];
  for (const at of folders) {
    if (files.length > maxListed) break;
    for (const entry of await readdir(join(folder, at), { withFileTypes: true }).catch((): Dirent[] => [])) {
      const name = at === '' ? entry.name : `${at}/${entry.name}`;
      if (entry.isFile()) files.push(name);
      else if (entry.isDirectory() && !neverEntered.test(entry.name)) folders.push(name);
    }
  }
  return files;
}

/** Undefined where it is too long, too short, or no text. */
async function textOf(path: string): Promise<string | undefined> {
  const size = await stat(path).then(
    (found) => (found.isFile() ? found.size : Number.POSITIVE_INFINITY),
    () => Number.POSITIVE_INFINITY,
  );
  if (size > maxFileBytes) return undefined;
  const text = await readFile(path, 'utf8').catch(() => '\0');
  return text.includes('\0') || text.split('\n').length < minFileLines ? undefined : text;
}

// Which files Tesseract's languages are in: English comes with the program, others are files of the user's.
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { errnoCode, UserError } from '../../../base/errors.ts';
import type { LanguageData } from './engine.ts';

const load = createRequire(import.meta.url);
const fileName = /^(?<language>[A-Za-z_]+)\.traineddata(\.gz)?$/;

interface LanguageFile {
  language: string;
  path: string;
}

/** In their order. Throws UserError `no-language` for one that is not there or can't be read. */
export function languageData(names: readonly string[]): Promise<LanguageData[]> {
  return Promise.all(
    names.map(async (name) => {
      const { language, path } = isPath(name) ? fileAt(name) : inPackage(name);
      const data = await readFile(path).catch((error: unknown) => {
        throw new UserError('no-language', `Can't read ${path}: ${errnoCode(error) ?? String(error)}.`);
      });
      return { language, data };
    }),
  );
}

function isPath(name: string): boolean {
  return /[\\/.]/.test(name);
}

function fileAt(name: string): LanguageFile {
  const path = name.startsWith('~/') ? join(homedir(), name.slice(2)) : name;
  const language = fileName.exec(basename(path))?.groups?.['language'];
  if (language === undefined)
    throw new UserError(
      'no-language',
      `${name} isn't a file of Tesseract's language data. Its name must end in .traineddata, as in deu.traineddata. Correct "vision.languages" in config.json.`,
    );
  if (!isAbsolute(path) || !existsSync(path))
    throw new UserError(
      'no-language',
      isAbsolute(path)
        ? `${path} doesn't exist. Correct "vision.languages" in config.json.`
        : `${name} isn't a full path. Correct "vision.languages" in config.json.`,
    );
  return { language, path };
}

/** A package `@tesseract.js-data/LANGUAGE` beside the program. */
function inPackage(language: string): LanguageFile {
  const folder = packageFolder(language);
  const path = folder && dataIn(folder, language);
  if (path) return { language, path };
  throw new UserError(
    'no-language',
    `Text recognition has no data for the language "${language}". Download ${language}.traineddata from the Tesseract project, and name its full path in "vision.languages" in config.json.`,
  );
}

function packageFolder(language: string): string | undefined {
  try {
    return dirname(load.resolve(`@tesseract.js-data/${language}/package.json`));
  } catch {
    return undefined;
  }
}

/** The smallest of the packages' sorts of data: whole numbers, made from the most accurate. */
function dataIn(folder: string, language: string): string | undefined {
  const sorts = readdirSync(folder).filter((entry) => entry.endsWith('_best_int'));
  return sorts.map((sort) => join(folder, sort, `${language}.traineddata.gz`)).find((path) => existsSync(path));
}

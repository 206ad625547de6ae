// Changes one field of config.json and leaves the user's comments and layout as they are.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { applyEdits, modify } from 'jsonc-parser';
import { moveFileSync, readPlainFileSync } from '../disk.ts';
import { errnoCode } from '../errors.ts';
import { cannotWrite } from '../run-folder.ts';
import type { ConfigFile } from './config.ts';

/** Writes the field at `path` and reads the file again. Throws UserError when it cannot be written. */
export function changeConfig(config: ConfigFile, path: (string | number)[], value: unknown): void {
  const before = readOrEmpty(config.file);
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: '\n' };
  const after = applyEdits(before, modify(before, path, value, { formattingOptions }));
  const draft = `${config.file}.${process.pid}`;
  try {
    mkdirSync(dirname(config.file), { recursive: true, mode: 0o700 });
    writeFileSync(draft, after, { mode: 0o600 });
    moveFileSync(draft, config.file);
  } catch (error) {
    throw cannotWrite(dirname(config.file), error);
  }
  config.reload();
}

function readOrEmpty(file: string): string {
  try {
    const text = readPlainFileSync(file);
    return text.trim() === '' ? '{}\n' : text;
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') return '{}\n';
    throw cannotWrite(dirname(file), error);
  }
}

// A user who has typed what the README says, and has `switchyard` on the PATH.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Home } from './home.ts';
import { product } from './product.ts';

const readme = resolve(dirname(fileURLToPath(import.meta.url)), '../../../README.md');

/** The README's blocks of a language, but the one that has `unwanted`. */
export function linesOf(language: string, unwanted?: string): string {
  const blocks = [...readFileSync(readme, 'utf8').matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))];
  return blocks
    .map(([, lines = '']) => lines)
    .filter((lines) => !unwanted || !lines.includes(unwanted))
    .join('\n');
}

/** A user's variables, with `switchyard` on the PATH. */
export function environment(home: Home): NodeJS.ProcessEnv {
  const folder = join(home.root, 'bin');
  const program = join(folder, 'switchyard');
  mkdirSync(folder, { recursive: true });
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${product.program}' "$@"\n`);
  chmodSync(program, 0o755);
  return { ...home.env, PATH: [folder, home.env['PATH']].join(delimiter) };
}

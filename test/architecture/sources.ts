// The project's own files as the tests of its shape read them.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Every file that git tracks or would track, from the root, with forward slashes. */
export function projectFiles(): string[] {
  const listed = execFileSync('git', ['-C', root, 'ls-files', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

export interface Import {
  /** A project file, or a package's name without subpath (`node:` for built-ins). */
  target: string;
  isPackage: boolean;
}

/** Every import and re-export of a file, also those of types and those made while running. */
export function importsOf(file: string, text = read(file)): Import[] {
  const specifiers = [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^'"\n;]*?(?:\{[^}]*\}[^'"\n;]*?)?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|\brequire\(\s*['"]([^'"]+)['"]\s*\)/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
  return specifiers.map((specifier) => {
    if (specifier.startsWith('.'))
      return { target: normalize(join(dirname(file), specifier)).replaceAll('\\', '/'), isPackage: false };
    if (specifier.startsWith('node:')) return { target: 'node:', isPackage: true };
    return {
      target: specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
      isPackage: true,
    };
  });
}

// Which configurations of TypeScript may name a file: the nearest one, and those that it refers to. Vite's templates have one that names
// no file, and refers to two that do.
import { readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type ParseError, parse } from 'jsonc-parser';
import { isInside } from '../../../base/paths.ts';

const maxConfigs = 20;

/** Paths, each once: a configuration before those that it refers to. Only inside of `root`. */
export function configsFrom(path: string, root: string): string[] {
  const found = [path];
  for (let i = 0; i < found.length && found.length < maxConfigs; i++) {
    const config = found[i] ?? '';
    for (const reference of referencesIn(config)) {
      const target = fileOf(resolve(dirname(config), reference));
      if (target !== undefined && isInside(target, root) && !found.includes(target)) found.push(target);
    }
  }
  return found.slice(0, maxConfigs);
}

function referencesIn(path: string): string[] {
  try {
    const errors: ParseError[] = [];
    const config: unknown = parse(readFileSync(path, 'utf8'), errors, { allowTrailingComma: true });
    const references = (config as { references?: unknown } | undefined)?.references;
    return Array.isArray(references)
      ? references.flatMap((reference: { path?: unknown } | null) =>
          typeof reference?.path === 'string' ? [reference.path] : [],
        )
      : [];
  } catch {
    return []; // tsc itself says what is wrong with it
  }
}

/** A reference names a configuration, or the folder that it is in. */
function fileOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isDirectory() ? fileOf(join(path, 'tsconfig.json')) : stats && path;
}

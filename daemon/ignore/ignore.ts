// Whether a file may be shown to a model: not when it is denied to all, ignored by .gitignore or .switchyardignore, one of
// Switchyard's own, or outside its folder. What leaves for a model passes `gate.ts`; what is looked up by a path asks here.
import { stat } from 'node:fs/promises';
import { basename, dirname, join, parse, relative, resolve, sep } from 'node:path';
import { realPlace } from '../base/disk.ts';
import { isInside, windowsName } from '../base/paths.ts';
import { denied } from './denied.ts';
import { RuleFiles } from './rule-files.ts';
import { decidingRule, type IgnoreRule } from './rules.ts';

interface IgnoreVerdict {
  ignored: boolean;
  /** What decided, for the user: `.gitignore, line 3 (dist/)`. */
  by?: string;
}

/** Lives as long as the daemon. */
export interface Ignore {
  /**
   * The path may be relative to the root, and need not exist. A symbolic link is judged by its name and by where it leads. Without a root
   * the file's own folder is one, and the folders above it are checked for what is denied to all.
   */
  isIgnored(path: string, root?: string): Promise<IgnoreVerdict>;
}

export interface IgnoreOptions {
  /** Folders of Switchyard's own (configuration, keys, data): never shown. */
  ownFolders: readonly string[];
  /** Whether names that differ by case alone are one file; what the platform does when left out. */
  ignoresCase?: boolean;
  /** Whether one file goes by several names, as on Windows; what the platform does when left out. */
  hasAliases?: boolean;
}

export function createIgnore({
  ownFolders,
  ignoresCase = process.platform === 'win32' || process.platform === 'darwin',
  hasAliases = process.platform === 'win32',
}: IgnoreOptions): Ignore {
  const files = new RuleFiles();
  return {
    async isIgnored(path, knownRoot) {
      const root = knownRoot ?? dirname(resolve(path));
      const given = resolve(root, path);
      // No rule may be passed by under another name of a file.
      if (hasAliases && partsOf(given, parse(given).root).some((part) => windowsName(part) !== part))
        return { ignored: true, by: "a path that can't be followed" };
      const [realRoot, realGiven, ...realOwn] = await Promise.all([root, given, ...ownFolders].map(realPlace));
      if (realRoot === undefined || realGiven === undefined)
        return { ignored: true, by: "a path that can't be followed" };
      if (realOwn.some((folder) => folder === undefined || isInside(realGiven, folder)))
        return { ignored: true, by: "a rule for Switchyard's own files" };
      if (!isInside(realGiven, realRoot)) return { ignored: true, by: `it is outside ${basename(realRoot)}` };
      // The name that was given counts as well: a link called `.env` is meant to be one.
      const named = isInside(given, resolve(root)) ? join(realRoot, relative(resolve(root), given)) : realGiven;
      for (const candidate of new Set([realGiven, named])) {
        const top = knownRoot === undefined ? parse(candidate).root : realRoot;
        const by = deniedBy(candidate, top) ?? (await ignoredBy(candidate, realRoot, { files, ignoresCase }));
        if (by) return { ignored: true, by };
      }
      return { ignored: false };
    },
  };
}

function partsOf(path: string, folder: string): string[] {
  return relative(folder, path)
    .split(sep)
    .filter((part) => part !== '');
}

function deniedBy(path: string, root: string): string | undefined {
  const parts = partsOf(path, root).map(windowsName);
  for (let depth = 1; depth <= parts.length; depth++) {
    const rule = decidingRule(denied, {
      parts: parts.slice(0, depth),
      isDirectory: depth < parts.length,
      ignoresCase: true,
    });
    if (rule && !rule.isNegated) return `a built-in rule (${rule.written})`;
  }
  return undefined;
}

/** The rule that ignores the path or a folder above it: in an ignored folder nothing can be taken back, as with git. */
async function ignoredBy(
  path: string,
  root: string,
  { files, ignoresCase }: { files: RuleFiles; ignoresCase: boolean },
): Promise<string | undefined> {
  const top = await files.repositoryOf(root);
  const parts = partsOf(path, top);
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const sets: { file: string; depth: number; rules: readonly IgnoreRule[] }[] = (await files.outer(top)).map((set) => ({
    ...set,
    depth: 0,
  }));
  for (let depth = 0; depth < parts.length; depth++) {
    const folder = join(top, ...parts.slice(0, depth));
    sets.push(...(await files.of(folder)).map((set) => ({ ...set, depth })));
    for (const { file, depth: from, rules } of sets.toReversed()) {
      const rule = decidingRule(rules, {
        parts: parts.slice(from, depth + 1),
        isDirectory: depth + 1 < parts.length || isFolder,
        ignoresCase,
      });
      if (rule?.isNegated) break;
      if (rule) return `${relative(root, file) || file}, line ${rule.line} (${rule.written})`;
    }
  }
  return undefined;
}

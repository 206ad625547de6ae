// The ignore files of folders, read when first needed and again when they have changed.
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type IgnoreRule, parseRules } from './rules.ts';

export interface RuleSet {
  file: string;
  rules: readonly IgnoreRule[];
}

interface CachedRules {
  /** Inode, times and size of the file that was read. */
  stamp: string;
  rules: readonly IgnoreRule[];
}

/** The weaker first: .switchyardignore overrides .gitignore. */
const names = ['.gitignore', '.switchyardignore'];
const maxCached = 10_000;
/** A file that was changed so shortly before may be changed again without a new time: some file systems count in steps of 2 s. */
const settledMs = 2000;
/** No person writes so long an ignore file. A longer one would make each check of a path slow, so it hides its whole folder instead. */
const maxBytes = 256 * 1024;
const maxRules = 5000;
const everything: readonly IgnoreRule[] = [
  {
    written: 'too long to read, so everything is kept from models',
    line: 1,
    isNegated: false,
    directoriesOnly: false,
    isAnchored: false,
    parts: ['*'],
  },
];

/** Lives as long as the daemon. */
export class RuleFiles {
  readonly #cache = new Map<string, CachedRules>();

  /** The rules that stand in a folder, the weaker first. */
  async of(folder: string): Promise<RuleSet[]> {
    return this.#read(names.map((name) => join(folder, name)));
  }

  /** The rules of a repository that stand outside its folders. */
  async outer(top: string): Promise<RuleSet[]> {
    return this.#read([join(top, '.git', 'info', 'exclude')]);
  }

  /** The folder above (or at) which git's rules begin: where `.git` is, else the folder itself. */
  async repositoryOf(folder: string): Promise<string> {
    for (let at = folder; ; at = dirname(at)) {
      if (
        await stat(join(at, '.git')).then(
          () => true,
          () => false,
        )
      )
        return at;
      if (dirname(at) === at) return folder;
    }
  }

  async #read(files: readonly string[]): Promise<RuleSet[]> {
    const sets = await Promise.all(files.map(async (file) => ({ file, rules: await this.#rulesOf(file) })));
    return sets.filter(({ rules }) => rules.length > 0);
  }

  async #rulesOf(file: string): Promise<readonly IgnoreRule[]> {
    const found = await stat(file, { bigint: true }).catch(() => undefined);
    if (!found?.isFile()) return [];
    if (found.size > maxBytes) return everything;
    const stamp = `${found.ino} ${found.mtimeNs} ${found.ctimeNs} ${found.size}`;
    const cached = this.#cache.get(file);
    if (cached?.stamp === stamp) return cached.rules;
    const read = parseRules(await readFile(file, 'utf8').catch(() => ''));
    const rules = read.length > maxRules ? everything : read;
    if (this.#cache.size >= maxCached) this.#cache.clear();
    if (Date.now() - Number(found.mtimeMs) > settledMs) this.#cache.set(file, { stamp, rules });
    return rules;
  }
}

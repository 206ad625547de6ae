// The ignore files of folders, read when first needed and again when they have changed.
import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseRules, type Rule } from './rules.ts';

export interface RuleSet {
  file: string;
  rules: readonly Rule[];
}

interface Kept {
  /** What told the file as it was read from any other. */
  stamp: string;
  rules: readonly Rule[];
}

/** In this order: what .switchyardignore says goes before what .gitignore says. */
const names = ['.gitignore', '.switchyardignore'];
const maxKept = 10_000;
/** A file that was changed so shortly before may be changed again without a new time: some file systems count in steps of 2 s. */
const settledMs = 2000;
/** No ignore file of a person comes near. With more, each look at a path would hold everything up: then nothing of its folder is shown. */
const maxBytes = 256 * 1024;
const maxRules = 5000;
const everything: readonly Rule[] = [
  {
    written: 'too long to be read, so everything is kept from models',
    line: 1,
    isNegated: false,
    directoriesOnly: false,
    isAnchored: false,
    parts: ['*'],
  },
];

/** Lives as long as the daemon. */
export class RuleFiles {
  readonly #kept = new Map<string, Kept>();

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

  async #rulesOf(file: string): Promise<readonly Rule[]> {
    const found = await stat(file, { bigint: true }).catch(() => undefined);
    if (!found?.isFile()) return [];
    if (found.size > maxBytes) return everything;
    const stamp = `${found.ino} ${found.mtimeNs} ${found.ctimeNs} ${found.size}`;
    const kept = this.#kept.get(file);
    if (kept?.stamp === stamp) return kept.rules;
    const read = parseRules(await readFile(file, 'utf8').catch(() => ''));
    const rules = read.length > maxRules ? everything : read;
    if (this.#kept.size >= maxKept) this.#kept.clear();
    if (Date.now() - Number(found.mtimeMs) > settledMs) this.#kept.set(file, { stamp, rules });
    return rules;
  }
}

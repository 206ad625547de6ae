// A project of a test's own, with the repository's linters in it or with stand-ins, and what the analysers make of its files.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type AnalyserOutcome, createAnalysers } from '../../../../../daemon/features/pipeline/analysers/analysers.ts';
import { type ReviewTarget, targetOf } from '../../../../../daemon/features/pipeline/target.ts';
import type { Draft } from '../../../../../daemon/features/pipeline/types.ts';
import { snippetOf, strictLog } from '../parts.ts';

/** The folder of the repository's own linters, as a PATH. */
export const ownLinters = resolve(dirname(fileURLToPath(import.meta.url)), '../../../../../node_modules/.bin');

/** Lives as long as a test. */
export class Project {
  readonly folder = mkdtempSync(join(realpathSync(tmpdir()), 'switchyard-project-'));
  /** All that is on the PATH, unless a test says otherwise. */
  readonly #machine = mkdtempSync(join(realpathSync(tmpdir()), 'switchyard-machine-'));
  /** Where linters keep what they know. */
  readonly cache = mkdtempSync(join(tmpdir(), 'switchyard-caches-'));

  write(path: string, text: string): string {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** A package of the project, whose program is a text of JavaScript. */
  install(name: string, program: string, code: string): void {
    this.write(`node_modules/${name}/package.json`, JSON.stringify({ name, bin: { [program]: 'bin.cjs' } }));
    this.write(`node_modules/${name}/bin.cjs`, code);
  }

  /** A program of the machine, a text of JavaScript. Not on Windows. */
  program(name: string, code: string): void {
    const file = join(this.#machine, name);
    writeFileSync(file, `#!${process.execPath}\n${code}`);
    chmodSync(file, 0o755);
  }

  /** One review of all of them. By file, relative to the project: what each analyser made of it. */
  async analyse(
    files: readonly string[],
    { path = this.#machine, unsaved }: { path?: string; unsaved?: string } = {},
  ): Promise<{
    outcomes: AnalyserOutcome[];
    states: Record<string, Record<string, string>>;
    drafts: Draft[];
    /** The drafts by file. */
    found: Record<string, Draft[]>;
  }> {
    const targets = files.map((file) => {
      const absolute = join(this.folder, file);
      const uri = pathToFileURL(absolute).href;
      return targetOf(snippetOf(unsaved ?? readFileSync(absolute, 'utf8'), { uri }));
    });
    const { outcomes, drafts, each } = await this.#review(targets, path);
    const found = Object.fromEntries(files.map((file, index) => [file, each[index] ?? []]));
    const states = Object.fromEntries(
      outcomes.map(({ looks }, index) => [
        files[index] ?? '',
        Object.fromEntries(looks.map(({ by, state }) => [by, state])),
      ]),
    );
    return { outcomes, states, drafts, found };
  }

  /** A document that is no file. */
  async analyseUntitled(languageId: string, text: string): Promise<AnalyserOutcome & { drafts: Draft[] }> {
    const target = targetOf(snippetOf(text, { uri: 'untitled:Untitled-1', languageId }));
    const { outcomes, drafts } = await this.#review([target], this.#machine);
    const [outcome = { looks: [], missing: [], notes: [] }] = outcomes;
    return { ...outcome, drafts };
  }

  async #review(targets: readonly ReviewTarget[], path: string) {
    const analysers = createAnalysers({ log: strictLog, env: { PATH: path }, cacheFolder: this.cache });
    const { signal } = new AbortController();
    const analysis = analysers.begin(targets, { root: this.folder, trusts: async () => true, signal });
    const each: Draft[][] = [];
    const outcomes: AnalyserOutcome[] = [];
    for (const target of targets) {
      const own: Draft[] = [];
      outcomes.push(await analysis.analyse(target, async (found) => void own.push(...found)));
      each.push(own);
    }
    return { outcomes, each, drafts: each.flat() };
  }

  [Symbol.dispose](): void {
    for (const made of [this.folder, this.#machine, this.cache]) rmSync(made, { recursive: true });
  }
}

// The outside checks of candidates: syntax, the project's own analysers, and the tests that the user named. Each candidate is compared
// with the document as it was; what was wrong with that before is nobody's fault.
import { pathToFileURL } from 'node:url';
import { cleanMessage } from '../../../base/clean-text.ts';
import { CancelledError } from '../../../base/errors.ts';
import { programNamed } from '../../../base/process/windows-command.ts';
import type { Snippet } from '../../../base/snippet.ts';
import { toPath } from '../../../base/uri.ts';
import type { Syntax } from '../../../code-index/syntax-checker.ts';
import type { JobQuestion } from '../../../storage/jobs.ts';
import type { Analysers } from '../analysers/analysers.ts';
import { runTool, type ToolOutput } from '../analysers/run-tool.ts';
import { untitledName } from '../analysers/untitled.ts';
import { targetOf } from '../target.ts';
import type { Draft } from '../types.ts';
import type { CheckReport, FailedCheck } from './report.ts';
import { createScratch, type Scratch } from './scratch.ts';

export interface ChecksDeps {
  syntax: Syntax;
  analysers: Analysers;
}

export interface ChecksRequest {
  /** The document as it is. */
  snippet: Snippet;
  /** Commands as a program and its arguments; run in a copy of the project, in a trusted folder alone. */
  tests: readonly (readonly string[])[];
  trusts(file: string): Promise<boolean>;
  /** The client's PATH. */
  path?: string | undefined;
  signal: AbortSignal;
}

/** A candidate: the document with the code in it, or why the code cannot be put in: the end of a sentence that begins with the answer. */
export type CheckedText = { text: string } | { why: string };

const testTimeoutMs = 120_000;
const maxTestOutputChars = 2000;
const maxListed = 12;
const maxCommandChars = 300;

/** Lives as long as one job. The document as it was is analysed once, before the first candidate. */
export class Checks implements AsyncDisposable {
  readonly #deps: ChecksDeps;
  readonly #request: ChecksRequest;
  readonly #scratch: Scratch;
  readonly #isTrusted: boolean;
  #before: Promise<Map<string, number>> | undefined;

  private constructor(deps: ChecksDeps, request: ChecksRequest, place: { scratch: Scratch; isTrusted: boolean }) {
    this.#deps = deps;
    this.#request = request;
    this.#scratch = place.scratch;
    this.#isTrusted = place.isTrusted;
  }

  static async open(deps: ChecksDeps, request: ChecksRequest): Promise<Checks> {
    const { snippet, signal, trusts } = request;
    const path = toPath(snippet.uri);
    const isTrusted = path !== undefined && (await trusts(path));
    const scratch = await createScratch({ path, name: untitledName(targetOf(snippet)), isTrusted, signal });
    return new Checks(deps, request, { scratch, isTrusted });
  }

  /** Throws CancelledError. */
  async check(candidate: CheckedText): Promise<CheckReport> {
    const report = {
      isEdit: true,
      syntaxErrors: 0,
      newErrors: 0,
      newWarnings: 0,
      failed: [] as FailedCheck[],
      looked: [] as string[],
      notes: this.#scratch.note === undefined ? [] : [this.#scratch.note],
    } satisfies CheckReport;
    if ('why' in candidate)
      return { ...report, isEdit: false, failed: [{ name: 'form', text: `the answer ${candidate.why}` }] };
    await this.#syntax(candidate.text, report);
    this.#before ??= this.#analysed(this.#request.snippet.text).then(({ drafts }) => countsOf(drafts));
    const before = await this.#before;
    const { drafts, looked } = await this.#analysed(candidate.text);
    report.looked.push(...looked);
    const added = newOf(drafts, before);
    for (const severity of ['error', 'warning'] as const) {
      const own = added.filter((draft) => draft.severity === severity);
      report[severity === 'error' ? 'newErrors' : 'newWarnings'] = own.length;
      for (const draft of own.slice(0, maxListed)) report.failed.push(failedBy(draft));
    }
    const passesTests = await this.#test(candidate.text, report);
    return { ...report, ...(passesTests !== undefined && { passesTests }) };
  }

  async #syntax(text: string, report: CheckReport): Promise<void> {
    const { snippet, signal } = this.#request;
    const { uri, languageId } = snippet;
    const [before, after] =
      (await this.#deps.syntax.faults({ uri, languageId, texts: [snippet.text, text] }, signal)) ?? [];
    if (!before || !after) return;
    report.looked.push('the parser');
    report.syntaxErrors = Math.max(0, after.count - before.count);
    if (report.syntaxErrors > 0)
      report.failed.push({ name: 'syntax', text: `${report.syntaxErrors} new syntax errors` });
  }

  /** In the copy, where the document is saved, so that analysers read it which read the disk. */
  async #analysed(text: string): Promise<{ drafts: Draft[]; looked: string[] }> {
    const { snippet, signal, path } = this.#request;
    await this.#scratch.write(text);
    const { range, ...whole } = snippet;
    const target = targetOf({ ...whole, text, uri: pathToFileURL(this.#scratch.file).href, version: null });
    const drafts: Draft[] = [];
    const analysis = this.#deps.analysers.begin([target], {
      root: this.#scratch.folder,
      trusts: async () => this.#isTrusted && this.#scratch.isProject,
      signal,
      ...(path !== undefined && { path }),
    });
    const { looks } = await analysis.analyse(target, async (found) => void drafts.push(...found));
    const looked = looks.filter(({ state }) => state === 'read' || state === 'partly').map(({ by }) => by);
    return { drafts, looked };
  }

  /** Whether they all pass; undefined where there are none, or they may not run. */
  async #test(text: string, report: CheckReport): Promise<boolean | undefined> {
    const { tests, signal, path } = this.#request;
    if (tests.length === 0) return undefined;
    if (!this.#isTrusted || !this.#scratch.isProject) {
      if (!this.#isTrusted) report.notes.push("This folder isn't trusted, so the tests didn't run.");
      return undefined;
    }
    await this.#scratch.write(text);
    for (const [program = '', ...args] of tests) {
      const { folder } = this.#scratch;
      const { file, before } = programNamed(program, { cwd: folder, path: path ?? process.env['PATH'] });
      const run = {
        file,
        arguments: [...before, ...args],
        folder,
        timeoutMs: testTimeoutMs,
        ...(path !== undefined && { environment: { PATH: path } }),
      };
      const output = await runTool(run, signal).catch((error: unknown) => {
        if (error instanceof CancelledError) throw error;
        return `${program} couldn't start: ${error instanceof Error ? error.message : String(error)}`;
      });
      const failure = typeof output === 'string' ? output : failureOf(output);
      if (failure === undefined) continue;
      report.failed.push({ name: 'tests', text: failure });
      return false;
    }
    report.looked.push('the tests');
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scratch[Symbol.asyncDispose]();
  }
}

/** Asked before they run, since what a model wrote runs with them. */
export function testsQuestion(tests: readonly (readonly string[])[]): JobQuestion {
  const words = tests.map((command) => command.map((word) => (/^[^\s"']+$/.test(word) ? word : JSON.stringify(word))));
  const commands = words.map((command) => `\`${cleanMessage(command.join(' '), maxCommandChars)}\``);
  return {
    text: `Run ${commands.join(' and ')} on a copy of the project? This also runs the code that the model writes.`,
    answers: [
      { id: 'yes', label: 'Run the Tests' },
      { id: 'no', label: 'Continue Without Tests' },
    ],
  };
}

function failureOf({ exitCode, ended, stdout, stderr }: ToolOutput): string | undefined {
  if (ended === 'timeout') return `took longer than ${testTimeoutMs / 1000} seconds`;
  if (exitCode === 0 && !ended) return undefined;
  const said = `${stdout}\n${stderr}`.trim().slice(-maxTestOutputChars);
  return `exit code ${exitCode ?? 'unknown'}\n${said
    .split('\n')
    .map((line) => cleanMessage(line, 200))
    .join('\n')}`;
}

function failedBy({ source, rule, message, range }: Draft): FailedCheck {
  const words = cleanMessage(message, 300);
  return { name: source, text: `line ${range.start.line + 1}: ${words}${rule === undefined ? '' : ` (${rule})`}` };
}

/** A flaw wherever it stands: lines move with an edit. */
function keyOf({ source, rule, severity, message }: Draft): string {
  return JSON.stringify([source, rule, severity, message]);
}

function countsOf(drafts: readonly Draft[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const draft of drafts) counts.set(keyOf(draft), (counts.get(keyOf(draft)) ?? 0) + 1);
  return counts;
}

/** Those that there are more of than before. */
function newOf(drafts: readonly Draft[], before: ReadonlyMap<string, number>): Draft[] {
  const left = new Map(before);
  return drafts.filter((draft) => {
    const known = left.get(keyOf(draft)) ?? 0;
    left.set(keyOf(draft), known - 1);
    return known <= 0;
  });
}

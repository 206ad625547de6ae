// Runs the analysers that fit a document and turns their reports into drafts. When one fails, the review goes on with a
// note.
import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { readPlainFile } from '../../../base/disk.ts';
import { CancelledError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { isInside, shellWord } from '../../../base/paths.ts';
import { repositoryOf } from '../../../base/process/repository.ts';
import { toPath } from '../../../base/uri.ts';
import { type ReviewTarget, touchesLines } from '../target.ts';
import type { Draft } from '../types.ts';
import { isLook } from '../verdict/coverage.ts';
import { findMachineTool, findTool, type ToolLocation } from './find-tool.ts';
import { type AnalyserLook, endOf, reasonOf } from './outcome.ts';
import { draftFrom } from './placing.ts';
import { leftOutByConfiguration } from './report.ts';
import type { AnalyserRow, FileLocation } from './row.ts';
import type { ToolOutput } from './run-tool.ts';
import { analyserTable } from './table.ts';
import { type EndedRun, ToolRuns } from './tool-runs.ts';
import { temporaryCopy, untitledName } from './untitled.ts';

interface AnalyseOptions {
  /** Path of the workspace's folder; the file's own folder when absent. */
  root?: string;
  /** Whether the project's own tools and configuration may be used for a file (a path): both can run its code. */
  trusts(file: string): Promise<boolean>;
  /** The PATH on which to look for tools; the daemon's own when absent. */
  path?: string;
  signal: AbortSignal;
}

export interface AnalyserOutcome {
  looks: AnalyserLook[];
  /** Not installed, and nothing in the project asks for it. */
  missing: string[];
  notes: string[];
}

/** A tool that analyses code, and where this machine has it; undefined where it is not on the PATH. */
export interface MachineTool {
  name: string;
  file: string | undefined;
}

/** Where the tools are that a project need not bring itself; `path` is a PATH. Pure but for looking at the disk. */
export function toolsOnPath(path: string, table: readonly AnalyserRow[] = analyserTable): MachineTool[] {
  return table
    .filter(({ tool }) => tool.kind !== 'node')
    .map(({ name, tool }) => ({ name, file: findMachineTool(tool, { root: nowhere }, { PATH: path })?.file }));
}

const nowhere = join(tmpdir(), 'switchyard-nowhere'); // tools inside of the reviewed folder would not count as the machine's

export interface Analysers {
  /** For one review. A tool that reads several files at once is run once for all of them. */
  begin(targets: readonly ReviewTarget[], options: AnalyseOptions): Analysis;
}

/** Lives as long as one review. */
interface Analysis {
  /** Hands over what each analyser found when it has ended. Throws only CancelledError, after all analysers have ended. */
  analyse(target: ReviewTarget, onDrafts: (drafts: Draft[]) => Promise<void>): Promise<AnalyserOutcome>;
}

export interface AnalysersOptions {
  log: Log;
  table?: readonly AnalyserRow[];
  env?: NodeJS.ProcessEnv;
  /** Where analysers keep what they know from one run to the next. */
  cacheFolder: string;
}

export function createAnalysers({
  log,
  table = analyserTable,
  env = process.env,
  cacheFolder,
}: AnalysersOptions): Analysers {
  const cache = join(cacheFolder, 'analysers');
  return {
    begin(targets, options) {
      const runs = new ToolRuns(options.signal);
      const { path } = options;
      const places = Promise.all(targets.map((target) => placeOf(target, options)));
      return {
        async analyse(target, onDrafts) {
          const place = (await places).find((known) => known.target === target) ?? (await placeOf(target, options));
          await using copy = place.isUntitled ? await temporaryCopy(target, place.location) : undefined;
          const location = copy?.location ?? place.location;
          // Of a document without a project, only what needs none: a linter's own defaults are nobody's choice.
          const rows = table.filter(
            (row) => readsFile(row, location.file) && (!copy || row.reads === 'input' || row.tool.kind === 'node'),
          );
          const plan = planFor(rows, {
            location,
            env: path === undefined ? env : { ...env, PATH: path },
            trusted: place.isTrusted,
            isSaved: copy !== undefined || place.isSaved,
          });
          const context = { target, location, places: await places, runs, cache, log };
          const results = await Promise.allSettled(
            plan.jobs.map(async (job) => {
              const { drafts, look } = await runJob(job, context);
              await onDrafts(drafts);
              return look;
            }),
          );
          const looks = [...plan.looks];
          for (const result of results) {
            if (result.status === 'rejected') throw result.reason;
            looks.push(result.value);
          }
          const notes = looks.flatMap(({ by, state, why }) =>
            state === 'failed' && !plan.notes.some((note) => note.includes(by)) ? [`${by} ${why}`] : [],
          );
          return { looks, missing: plan.missing, notes: [...plan.notes, ...notes] };
        },
      };
    },
  };
}

/** A target on the disk. */
interface TargetPlace {
  target: ReviewTarget;
  location: FileLocation;
  /** Whether it reads as it does on the disk. */
  isSaved: boolean;
  /** Whether it is no file on this machine. */
  isUntitled: boolean;
  /** Whether the project's own tools and configuration may be used; a document without a file has no project. */
  isTrusted: boolean;
}

/** Links to folders are followed, so that tools and configuration are looked for around the file itself, and not around a link to it. */
async function placeOf(
  target: ReviewTarget,
  { root: workspace, trusts }: Pick<AnalyseOptions, 'root' | 'trusts'>,
): Promise<TargetPlace> {
  const path = toPath(target.snippet.uri);
  if (path === undefined) {
    const location = { file: untitledName(target), folder: '', root: '' };
    return { target, location, isSaved: false, isUntitled: true, isTrusted: false };
  }
  const folder = await realFolder(dirname(path));
  const file = join(folder, basename(path));
  const named = workspace === undefined ? folder : await realFolder(resolve(workspace));
  const location = { file, folder, root: repositoryOf(isInside(file, named) ? named : folder) };
  const [saved, isTrusted] = await Promise.all([isSaved(file, target.snippet.text), trusts(file)]);
  return { target, location, isSaved: saved, isUntitled: false, isTrusted };
}

async function realFolder(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

async function isSaved(file: string, text: string): Promise<boolean> {
  try {
    return (await readPlainFile(file)).replace(/^\uFEFF/, '') === text.replace(/^\uFEFF/, '');
  } catch {
    return false;
  }
}

interface AnalyserJob {
  row: AnalyserRow;
  tool: ToolLocation;
  /** What runs its listing. */
  lister: ToolLocation | undefined;
  /** The folder to run in; undefined where it runs isolated from the project. */
  folder: string | undefined;
}

interface AnalyserPlan {
  jobs: AnalyserJob[];
  /** Of those that do not run, though they should look. */
  looks: AnalyserLook[];
  missing: string[];
  notes: string[];
}

function readsFile({ extensions, names }: AnalyserRow, file: string): boolean {
  return extensions.includes(extname(file).toLowerCase()) || names?.test(basename(file)) === true;
}

/** Which analysers run, and why the others do not. */
function planFor(
  rows: readonly AnalyserRow[],
  {
    location,
    env,
    trusted,
    isSaved,
  }: { location: FileLocation; env: NodeJS.ProcessEnv; trusted: boolean; isSaved: boolean },
): AnalyserPlan {
  const jobs: AnalyserJob[] = [];
  const [missing, absent, distrusted, unsaved]: [string[], string[], string[], string[]] = [[], [], [], []];
  for (const row of rows) {
    const found = findTool(row.tool, location, env);
    const tool = trusted ? found : row.isolated && findMachineTool(row.tool, location, env);
    const folder = row.folder(location);
    if (!found && row.isAskedFor?.(location)) absent.push(row.name);
    else if (!found && !(row.isOptional && folder === undefined)) missing.push(row.name);
    else if (!found || folder === undefined) continue;
    else if (!tool) distrusted.push(row.name);
    else if (row.reads === 'disk' && !isSaved) unsaved.push(row.name);
    else {
      const lister = row.listing?.tool ? findTool(row.listing.tool, location, env) : tool;
      jobs.push({ row, tool, lister, folder: trusted ? folder : undefined });
    }
  }
  const notes: string[] = [];
  if (distrusted.length > 0)
    notes.push(
      `This folder isn't trusted, so these of its linters didn't run: ${distrusted.join(', ')}. To run them, trust the folder: "switchyard trust ${shellWord(location.root)}", or "Workspaces: Manage Workspace Trust" in VS Code.`,
    );
  if (unsaved.length > 0)
    notes.push(`The document has unsaved changes. To include ${unsaved.join(', ')}, save the file.`);
  const looksOf = (names: string[], state: AnalyserLook['state'], why: string): AnalyserLook[] =>
    names.map((by) => ({ by, state, why }));
  const looks = [
    ...looksOf(absent, 'failed', "isn't installed, although the project is set up for it"),
    ...looksOf(distrusted, 'untrusted', "didn't run because the folder isn't trusted"),
    ...looksOf(unsaved, 'failed', 'only reads saved files, and this file has unsaved changes'),
  ];
  return { jobs, looks, missing, notes };
}

interface AnalyserJobContext {
  target: ReviewTarget;
  location: FileLocation;
  /** Of all targets of the review. */
  places: readonly TargetPlace[];
  runs: ToolRuns;
  cache: string;
  log: Log;
}

interface AnalyserVerdict {
  drafts: Draft[];
  look: AnalyserLook;
}

const charsASecond = 20_000; // of a slow linter on a slow machine

/** More for more code, and for a project that may have to be compiled first. */
function timeLimitMs(row: AnalyserRow, files: readonly string[], { places }: Pick<AnalyserJobContext, 'places'>) {
  const read = places.filter(({ location }) => files.includes(location.file));
  const chars = read.reduce((sum, { target }) => sum + target.snippet.text.length, 0);
  return (row.isWholeProject ? 120_000 : 30_000) + 1000 * Math.round(chars / charsASecond);
}

/** What the analyser found, and whether it looked. Of several ways to run it, the first in which it looks counts. */
async function runJob(job: AnalyserJob, context: AnalyserJobContext): Promise<AnalyserVerdict> {
  const { row } = job;
  let verdict: AnalyserVerdict | undefined;
  for (const invocation of invocationsOf(job, context)) {
    const next = await runOnce(job, invocation, context);
    if (isLook({ uri: '', ...next.look })) return next;
    verdict ??= next;
  }
  return verdict ?? { drafts: [], look: { by: row.name, state: 'failed', why: 'has nothing to run' } };
}

/** One way to run a tool: its arguments, and what it is given to read. */
interface ToolInvocation {
  /** Tells it from every other of the same tool. */
  key: string;
  arguments(scratch: string): readonly string[];
  input?: string;
  /** What it is to read. */
  files: readonly string[];
}

function invocationsOf(
  { row, folder }: AnalyserJob,
  { target, location, places, cache }: AnalyserJobContext,
): ToolInvocation[] {
  const fixed = (args: readonly string[], { input, files = [location.file] }: Partial<ToolInvocation> = {}) => ({
    key: JSON.stringify([args, input]),
    arguments: () => args,
    files,
    ...(input !== undefined && { input }),
  });
  const input = row.reads === 'input' ? target.snippet.text : undefined;
  const { isolated } = row;
  if (folder === undefined && isolated) {
    const key = JSON.stringify(['isolated', location.file, input]);
    const args = (scratch: string) => isolated(location, scratch);
    return [{ key, arguments: args, files: [location.file], ...(input !== undefined && { input }) }];
  }
  if (row.attempts) return row.attempts(location, cache).map((args) => fixed(args));
  const together = places
    .filter(({ isSaved, location: { file } }) => isSaved && readsFile(row, file))
    .filter((place) => place.isTrusted && row.folder(place.location) === folder)
    .map((place) => place.location.file);
  if (row.together && together.length > 1 && together.includes(location.file))
    return [fixed(row.together(together, location), { files: together })];
  return [fixed(row.arguments(location), input === undefined ? {} : { input })];
}

/** Runs it, unless the review has done so already. */
function ended(
  { row, tool, folder }: Omit<AnalyserJob, 'lister'>,
  { key, input, ...invocation }: ToolInvocation,
  { runs, cache, ...context }: AnalyserJobContext,
): Promise<EndedRun> {
  return runs.run(JSON.stringify([tool.file, tool.before, folder, key]), (scratch) => ({
    file: tool.file,
    arguments: [...tool.before, ...invocation.arguments(scratch)],
    folder: folder ?? scratch,
    timeoutMs: timeLimitMs(row, invocation.files, context),
    environment: { XDG_CACHE_HOME: cache, ...row.environment?.({ scratch, cache }) },
    ...(input !== undefined && { input }),
  }));
}

async function runOnce(
  job: AnalyserJob,
  invocation: ToolInvocation,
  context: AnalyserJobContext,
): Promise<AnalyserVerdict> {
  const { row } = job;
  const { target, location, log } = context;
  const { text } = target.snippet;
  const { files } = invocation;
  const analysed = { location, text, files, isIsolated: job.folder === undefined };
  const failed = (why: string): AnalyserVerdict => ({ drafts: [], look: { by: row.name, state: 'failed', why } });
  let output: ToolOutput | undefined;
  try {
    const run = await ended(job, invocation, context);
    output = run.output;
    const end = endOf(output, timeLimitMs(row, files, context));
    if (output.ended) return failed(end ?? '');
    const declined = row.unread?.(output, analysed);
    if (declined?.state === 'left-out') return { drafts: [], look: { by: row.name, ...declined } };
    const reports = row.parse(output, text);
    const own = await keepAsync(
      reports,
      ({ path }) => path === undefined || isSameFile(resolve(run.folder, path), location.file),
    );
    const named = new Set(reports.map(({ path = '' }) => resolve(run.folder, path)));
    const silent = files.filter((file) => !named.has(file));
    if (own.length === 0 && (await isPassedOver(job, silent, context)))
      return { drafts: [], look: { by: row.name, state: 'left-out', why: leftOutByConfiguration } };
    if (reports.length === 0 && output.exitCode !== 0)
      throw new Error(output.stderr || output.stdout || `exit code ${output.exitCode}`);
    const drafts = own
      .flatMap((report) => draftFrom(report, target, row) ?? [])
      .filter(({ range }) => touchesLines(target, range));
    if (end !== undefined)
      return { drafts, look: { by: row.name, state: own.length > 0 ? 'partly' : 'failed', why: end } };
    const unread = own.length === 0 ? row.unread?.(output, analysed) : undefined;
    return { drafts, look: unread ? { by: row.name, ...unread } : { by: row.name, state: 'read' } };
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    log.warn(
      { analyser: row.name, error: String(error), exitCode: output?.exitCode, stderr: output?.stderr.slice(0, 2000) },
      'analyser failed',
    );
    return failed(`couldn't run: ${reasonOf(error, output)}`);
  }
}

/** Whether the tool's configuration leaves the file out, which some tools do in silence. `silent`: the files of which it said nothing. */
async function isPassedOver(
  job: AnalyserJob,
  silent: readonly string[],
  context: AnalyserJobContext,
): Promise<boolean> {
  const {
    row: { listing },
    lister,
  } = job;
  if (!listing || !lister || job.folder === undefined || !existsSync(context.location.file)) return false; // no tool lists what is not there
  const args = listing.arguments(silent);
  const invocation = { key: JSON.stringify(args), arguments: () => args, files: silent };
  const { output, folder } = await ended({ ...job, tool: lister }, invocation, context);
  const listed = output.exitCode === 0 && !output.ended ? listing.files(output) : undefined;
  if (!listed) return false;
  const own = await keepAsync(listed, (path) => isSameFile(resolve(folder, path), context.location.file));
  return own.length === 0;
}

async function keepAsync<T>(values: readonly T[], isKept: (value: T) => boolean | Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(values.map(isKept));
  return values.filter((_, index) => kept[index]);
}

/** Some tools print the path that a link points to instead of the link. */
async function isSameFile(one: string, other: string): Promise<boolean> {
  if (one === other) return true;
  const [a, b] = await Promise.all([one, other].map((path) => realpath(path).catch(() => path)));
  return a === b;
}

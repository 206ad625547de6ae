// Runs the analysers that fit a document and turns their reports into drafts. When one fails, the review goes on with a
// note.
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { cleanMessage } from '../../../base/clean-text.ts';
import { readPlainFile } from '../../../base/disk.ts';
import { CancelledError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { isInside, shellWord } from '../../../base/paths.ts';
import { repositoryOf } from '../../../base/process/repository.ts';
import { toPath } from '../../../base/uri.ts';
import { type ReviewTarget, touchesLines } from '../target.ts';
import type { Draft } from '../types.ts';
import { findMachineTool, findTool, type ToolLocation } from './find-tool.ts';
import { draftFrom } from './placing.ts';
import { runTool, type ToolOutput } from './run-tool.ts';
import { type AnalyserRow, analyserTable, type FileLocation } from './table.ts';

interface AnalyseOptions {
  /** Path of the workspace's folder; the file's own folder when absent. */
  root?: string;
  /** Whether the project's own tools and configuration may be used for a file (a path): both can run its code. */
  trusts(file: string): Promise<boolean>;
  signal: AbortSignal;
  /** Called when an analyser has ended. */
  onDrafts(drafts: Draft[]): Promise<void>;
}

export interface AnalyserOutcome {
  ran: string[];
  missing: string[];
  notes: string[];
}

export interface Analysers {
  /** Throws only CancelledError, after all analysers have ended. */
  analyse(target: ReviewTarget, options: AnalyseOptions): Promise<AnalyserOutcome>;
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
    async analyse(target, options) {
      const location = await locationOf(target.snippet.uri, options.root);
      if (!location)
        return {
          ran: [],
          missing: [],
          notes: ['The document is not a file on this machine, so no analyser could look at it.'],
        };
      const rows = table.filter((row) => row.extensions.includes(extname(location.file).toLowerCase()));
      const plan = planFor(rows, {
        location,
        env,
        trusted: await options.trusts(location.file),
        isSaved: await isSaved(location.file, target.snippet.text),
      });
      const results = await Promise.allSettled(
        plan.jobs.map(async (job) => {
          const { drafts, note } = await runJob(job, { target, location, cache, signal: options.signal, log });
          await options.onDrafts(drafts);
          return note;
        }),
      );
      const notes = [...plan.notes];
      for (const result of results) {
        if (result.status === 'rejected') throw result.reason;
        if (result.value !== undefined) notes.push(result.value);
      }
      return { ran: plan.jobs.map(({ row }) => row.name), missing: plan.missing, notes };
    },
  };
}

/** Links to folders are followed, so that tools and configuration are looked for around the file itself, and not around a link to it. */
async function locationOf(uri: string, workspace: string | undefined): Promise<FileLocation | undefined> {
  const path = toPath(uri);
  if (path === undefined) return undefined;
  const folder = await realFolder(dirname(path));
  const file = join(folder, basename(path));
  const named = workspace === undefined ? folder : await realFolder(resolve(workspace));
  return { file, folder, root: repositoryOf(isInside(file, named) ? named : folder) };
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
  /** The folder to run in; undefined where it runs isolated from the project. */
  folder: string | undefined;
}

/** Which analysers run, and notes on why the others do not. */
function planFor(
  rows: readonly AnalyserRow[],
  {
    location,
    env,
    trusted,
    isSaved,
  }: { location: FileLocation; env: NodeJS.ProcessEnv; trusted: boolean; isSaved: boolean },
): { jobs: AnalyserJob[]; missing: string[]; notes: string[] } {
  const [jobs, missing, distrusted, unsaved]: [AnalyserJob[], string[], string[], string[]] = [[], [], [], []];
  for (const row of rows) {
    const found = findTool(row.tool, location, env);
    const tool = trusted ? found : row.isolated && findMachineTool(row.tool, location, env);
    const folder = row.folder(location);
    if (!found) missing.push(row.name);
    else if (folder === undefined) continue;
    else if (!tool) distrusted.push(row.name);
    else if (row.reads === 'disk' && !isSaved) unsaved.push(row.name);
    else jobs.push({ row, tool, folder: trusted ? folder : undefined });
  }
  const notes: string[] = [];
  if (distrusted.length > 0)
    notes.push(
      `This folder is not trusted, so these of its linters didn't run: ${distrusted.join(', ')}. To include them, trust it: "switchyard trust ${shellWord(location.root)}", or "Workspaces: Manage Workspace Trust" in VS Code.`,
    );
  if (unsaved.length > 0)
    notes.push(`The document differs from its file: save the file to include ${unsaved.join(', ')}.`);
  return { jobs, missing, notes };
}

const timeoutMs = 30_000;

interface AnalyserJobContext {
  target: ReviewTarget;
  location: FileLocation;
  cache: string;
  signal: AbortSignal;
  log: Log;
}

/** What the analyser found, or a note when it failed. */
async function runJob(
  { row, tool, folder }: AnalyserJob,
  { target, location, cache, signal, log }: AnalyserJobContext,
): Promise<{ drafts: Draft[]; note?: string }> {
  const { text } = target.snippet;
  let output: ToolOutput | undefined;
  let scratch: string | undefined;
  try {
    scratch = await mkdtemp(join(tmpdir(), 'switchyard-tool-'));
    const runsIn = folder ?? scratch;
    output = await runTool(
      {
        file: tool.file,
        arguments: [
          ...tool.before,
          ...(folder === undefined ? (row.isolated?.(location, scratch) ?? []) : row.arguments(location)),
        ],
        folder: runsIn,
        timeoutMs,
        environment: {
          ...{ TMPDIR: scratch, TMP: scratch, TEMP: scratch, XDG_CACHE_HOME: cache },
          ...row.environment?.({ scratch, cache }),
        },
        ...(row.reads === 'input' && { input: text }),
      },
      signal,
    );
    if (output.ended) {
      const why =
        output.ended === 'timeout' ? `it took longer than ${timeoutMs / 1000} seconds` : 'it printed too much';
      return { drafts: [], note: `${row.name} was ended: ${why}.` };
    }
    const reports = row.parse(output, text);
    if (reports.length === 0 && output.exitCode !== 0)
      throw new Error(output.stderr || output.stdout || `exit code ${output.exitCode}`);
    const own = await keepAsync(
      reports,
      ({ path }) => path === undefined || isSameFile(resolve(runsIn, path), location.file),
    );
    return {
      drafts: own
        .flatMap((report) => draftFrom(report, target, row) ?? [])
        .filter(({ range }) => touchesLines(target, range)),
    };
  } catch (error) {
    if (error instanceof CancelledError) throw error;
    log.warn(
      { analyser: row.name, error: String(error), exitCode: output?.exitCode, stderr: output?.stderr.slice(0, 2000) },
      'analyser failed',
    );
    const reason = output?.stderr || (error instanceof Error ? error.message : String(error));
    return { drafts: [], note: `${row.name} could not run: ${cleanMessage(reason, 300)}` };
  } finally {
    if (scratch !== undefined) await rm(scratch, { recursive: true, force: true }).catch(() => {}); // the system empties its folder
  }
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

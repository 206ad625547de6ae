// Runs the analysers that fit a document and turns their reports into drafts. When one fails, the review goes on with a
// note.
import { readFile, realpath } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { cleanMessage } from '../../../base/clean-text.ts';
import { CancelledError } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import { isInside } from '../../../base/paths.ts';
import { toPath } from '../../../base/uri.ts';
import { type ReviewTarget, touchesLines } from '../target.ts';
import type { Draft } from '../types.ts';
import { findTool, repositoryOf, type ToolLocation } from './find-tool.ts';
import { draftFrom } from './placing.ts';
import { runTool, type ToolOutput } from './run-tool.ts';
import { type AnalyserRow, analyserTable, type FileLocation } from './table.ts';

interface AnalyseOptions {
  /** Path of the workspace's folder; the file's own folder when absent. */
  root?: string;
  /** Whether the workspace's own tools may run: running them runs its code. */
  trusted: boolean;
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
}

export function createAnalysers({ log, table = analyserTable, env = process.env }: AnalysersOptions): Analysers {
  return {
    async analyse(target, options) {
      const location = locationOf(target.snippet.uri, options.root);
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
        trusted: options.trusted,
        isSaved: await isSaved(location.file, target.snippet.text),
      });
      const results = await Promise.allSettled(
        plan.jobs.map(async (job) => {
          const { drafts, note } = await runJob(job, { target, location, signal: options.signal, log });
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

function locationOf(uri: string, workspace: string | undefined): FileLocation | undefined {
  const file = toPath(uri);
  if (file === undefined) return undefined;
  const folder = dirname(file);
  const named = workspace === undefined ? folder : resolve(workspace);
  return { file, folder, root: repositoryOf(isInside(file, named) ? named : folder) };
}

async function isSaved(file: string, text: string): Promise<boolean> {
  try {
    return (await readFile(file, 'utf8')).replace(/^\uFEFF/, '') === text.replace(/^\uFEFF/, '');
  } catch {
    return false;
  }
}

interface AnalyserJob {
  row: AnalyserRow;
  tool: ToolLocation;
  folder: string;
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
    const tool = findTool(row.tool, location, env);
    const folder = row.folder(location);
    if (!tool) missing.push(row.name);
    else if (folder === undefined) continue;
    else if (!trusted && (tool.isProjects || row.configurationIsCode)) distrusted.push(row.name);
    else if (row.reads === 'disk' && !isSaved) unsaved.push(row.name);
    else jobs.push({ row, tool, folder });
  }
  const notes: string[] = [];
  if (distrusted.length > 0)
    notes.push(
      `The workspace is not trusted, so its own tools were not run: ${distrusted.join(', ')}. Trust the workspace to include them.`,
    );
  if (unsaved.length > 0)
    notes.push(`The document differs from its file: save the file to include ${unsaved.join(', ')}.`);
  return { jobs, missing, notes };
}

const timeoutMs = 30_000;

interface AnalyserJobContext {
  target: ReviewTarget;
  location: FileLocation;
  signal: AbortSignal;
  log: Log;
}

/** What the analyser found, or a note when it failed. */
async function runJob(
  { row, tool, folder }: AnalyserJob,
  { target, location, signal, log }: AnalyserJobContext,
): Promise<{ drafts: Draft[]; note?: string }> {
  const { text } = target.snippet;
  let output: ToolOutput | undefined;
  try {
    output = await runTool(
      {
        file: tool.file,
        arguments: [...tool.before, ...row.arguments(location)],
        folder,
        timeoutMs,
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
      ({ path }) => path === undefined || isSameFile(resolve(folder, path), location.file),
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

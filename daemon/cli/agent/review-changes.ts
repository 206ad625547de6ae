// `switchyard jobs review`: keeps or undoes what a run changed, change by change at a terminal, with the keys of `git add -p`. Decisions are
// carried out when the last one is made, so that leaving before leaves everything as it is.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { takenBack } from '../../../shared/edits/take-back.ts';
import { escapeHidden } from '../../../shared/hidden-characters.ts';
import { type AgentChangedFile, AgentChanges, AgentKeep, AgentUndo } from '../../../shared/protocol/agent.ts';
import type { Result } from '../../../shared/protocol/define.ts';
import { type Job, JobsGet } from '../../../shared/protocol/jobs.ts';
import { counted } from '../../../shared/words/counted.ts';
import { CancelledError, UserError } from '../../base/errors.ts';
import { fileIdentity } from '../../base/uri.ts';
import { linesOf } from '../kit/answer-changes.ts';
import type { Ask } from '../kit/ask-trust.ts';
import type { DaemonClient } from '../kit/client.ts';
import { HintedError, withHint } from '../kit/command.ts';
import { printerOn, type StyledPrinter, styleOf } from './approval-words.ts';
import { fileTitle, printRunFiles } from './run-files.ts';

interface ReviewOptions {
  jobId: string;
  /** Nobody can be asked where it's left out. */
  ask: Ask | undefined;
  /** Whether what is kept is asked about too. */
  showsKept: boolean;
  /** The one file that is reviewed. */
  uri: string | undefined;
  /** Whether stdout has one document alone. */
  isJson: boolean;
}

type Conflicts = Result<typeof AgentUndo>['conflicts'];

export interface ReviewedRun {
  /** Paths of files of which something was kept, or put back. */
  kept: string[];
  restored: string[];
  conflicts: Conflicts;
  /** The step from which on what was undone can be undone itself. */
  step?: number;
  /** How many changes were decided about, and how many still aren't. */
  counts: { kept: number; undone: number; left: number };
}

/** A hunk, or a file without any. */
interface Change {
  file: AgentChangedFile;
  hunk?: AgentChangedFile['hunks'][number];
}
type Verdict = 'keep' | 'undo';

const openStates: readonly Job['state'][] = ['queued', 'running', 'waiting'];
const aroundLines = 3; // as git has it
const alsoOthers =
  "Lines of this change were also changed by you or another program, so it can't be undone here. Edit them in your editor.";
const help = [
  'y  keep this change',
  'n  undo this change',
  'j  leave it undecided, and go to the next one',
  'q  leave this one and the rest undecided',
  'a  keep this change and all later ones in the file',
  'd  undo this change and all later ones in the file',
  '?  print this help',
  'Nothing is kept or undone before the last answer, or q. Ctrl+C leaves everything as it is.',
];

/** Throws HintedError `needs-terminal`, UserError `job-running`, and CancelledError, after which nothing is kept or undone. */
export async function reviewChanges(client: DaemonClient, options: ReviewOptions): Promise<ReviewedRun> {
  const { jobId, ask } = options;
  const { files, notes } = await client.call(AgentChanges, { jobId });
  const changes = changesIn(files, options);
  if (changes.length === 0) return { kept: [], restored: [], conflicts: [], counts: { kept: 0, undone: 0, left: 0 } };
  if (!ask) {
    if (!options.isJson) printRunFiles([...new Set(changes.map(({ file }) => file))]);
    throw needsTerminal(jobId, changes.length);
  }
  const { job } = await client.call(JobsGet, { jobId, isBrief: true });
  if (openStates.includes(job.state))
    throw new UserError(
      'job-running',
      "That run isn't over yet. Wait until it ends, or cancel it, and review it then.",
    );
  const print = printerOn(process.stderr);
  for (const note of notes) print(note, 'yellow');
  const askHere: Ask = (question) => ask(question, client.interrupted);
  try {
    return await carryOut(client, jobId, { changes, verdicts: await verdictsOn(changes, askHere, print) });
  } catch (error) {
    throw error instanceof CancelledError ? withHint(error, 'Nothing was kept or undone.') : error;
  }
}

function changesIn(files: readonly AgentChangedFile[], { showsKept, uri }: ReviewOptions): Change[] {
  const identity = uri === undefined ? undefined : fileIdentity(uri);
  return files.flatMap((file): Change[] => {
    if (identity !== undefined && fileIdentity(file.uri) !== identity) return [];
    if (file.hunks.length === 0) return file.isKept && !showsKept ? [] : [{ file }];
    const hunks = file.hunks.filter(({ by, isKept }) => by !== 'others' && (showsKept || !isKept));
    return hunks.map((hunk) => ({ file, hunk }));
  });
}

function needsTerminal(jobId: string, count: number): HintedError {
  const wait = count === 1 ? '1 change waits' : `${count} changes wait`;
  return new HintedError(
    'needs-terminal',
    `${wait} for your decision, and nobody is at a terminal to give it.`,
    `To keep a change, run \`switchyard jobs keep ${jobId} --hunk HUNK\`, and to undo it, \`switchyard jobs undo ${jobId} --hunk HUNK\`. \`switchyard jobs changes ${jobId}\` shows HUNK in each change's first line.`,
  );
}

async function verdictsOn(
  changes: readonly Change[],
  ask: Ask,
  print: StyledPrinter,
): Promise<ReadonlyMap<Change, Verdict>> {
  const verdicts = new Map<Change, Verdict>();
  let shown: AgentChangedFile | undefined;
  for (let at = 0; at < changes.length; ) {
    const change = changes[at];
    if (!change) break;
    const { file } = change;
    if (file !== shown) print(fileTitle(file), 'bold');
    shown = file;
    for (const line of await linesAround(change)) print(line, styleOf(line));
    const key = await keyFor(change, `(${at + 1}/${changes.length})`, { ask, print });
    if (key === 'q') break;
    const isForAll = key === 'a' || key === 'd';
    const meant = isForAll ? changes.slice(at).filter((each) => each.file === file) : [change];
    for (const each of meant) {
      if (key === 'y' || key === 'a') verdicts.set(each, 'keep');
      if ((key === 'n' || key === 'd') && canUndo(each)) verdicts.set(each, 'undo');
    }
    at += meant.length;
  }
  return verdicts;
}

const keys = ['y', 'n', 'j', 'q', 'a', 'd'] as const;

/** Asks until it's an answer. */
async function keyFor(
  change: Change,
  place: string,
  { ask, print }: { ask: Ask; print: StyledPrinter },
): Promise<(typeof keys)[number]> {
  const offered = keys.filter((key) => key !== 'n' || canUndo(change));
  for (;;) {
    const said = (await ask(`${place} Keep this change [${offered.join()},?]? `)).trim().toLowerCase();
    const key = keys.find(
      (each) => each === said || (each === 'y' && said === 'yes') || (each === 'n' && said === 'no'),
    );
    if (key && offered.includes(key)) return key;
    if (key) print(alsoOthers, 'yellow');
    else for (const line of help) print(line);
  }
}

function canUndo({ hunk }: Change): boolean {
  return hunk?.by !== 'both';
}

/** A change as a diff, with what stands around it now. */
async function linesAround({ file, hunk }: Change): Promise<string[]> {
  if (!hunk) return ["It isn't shown as lines, so it's kept or undone as a whole."];
  const { range, oldText, newText } = hunk;
  const own = [...marked('-', oldText), ...marked('+', newText)];
  const head = `@@ line ${range.start.line + 1} @@`;
  const text =
    file.isNew || file.isDeleted ? undefined : await readFile(fileURLToPath(file.uri), 'utf8').catch(() => undefined);
  const start = takenBack(file.hunks)[file.hunks.indexOf(hunk)]?.range.start.line ?? 0;
  const written = linesOf(newText);
  const lines = linesOf(text?.replace(/^\uFEFF/, '') ?? '');
  const end = start + written.length;
  const isThere = written.every((line, at) => lines[start + at] === line); // or it has changed meanwhile
  const above = isThere ? lines.slice(Math.max(0, start - aroundLines), start) : [];
  const below = isThere ? lines.slice(end, end + aroundLines) : [];
  return [head, ...above.map((line) => ` ${line}`), ...own, ...below.map((line) => ` ${line}`)].map(escapeHidden);
}

function marked(mark: '-' | '+', text: string): string[] {
  const lines = linesOf(text).map((line) => `${mark}${line}`);
  return text === '' || /[\r\n]$/.test(text) ? lines : [...lines, '\\ No newline at end of file'];
}

/** Undoes first: that alone can be refused as a whole. Ctrl+C in the middle would leave half of it, so it isn't heeded. */
async function carryOut(
  client: DaemonClient,
  jobId: string,
  { changes, verdicts }: { changes: readonly Change[]; verdicts: ReadonlyMap<Change, Verdict> },
): Promise<ReviewedRun> {
  const { signal } = new AbortController();
  const done: ReviewedRun = { kept: [], restored: [], conflicts: [], counts: { kept: 0, undone: 0, left: 0 } };
  const scopesOf = (wanted: Verdict) => {
    const meant = [...verdicts].flatMap(([change, verdict]) => (verdict === wanted ? [change] : []));
    return [...Map.groupBy(meant, ({ file }) => file)].map(([{ uri }, of]) => {
      const hunks = of.flatMap(({ hunk }) => hunk?.id ?? []);
      return { count: of.length, params: { jobId, uri, ...(hunks.length > 0 && { hunks }) } };
    });
  };
  for (const { count, params } of scopesOf('undo')) {
    const { restored, conflicts, step } = await client.call(AgentUndo, params, undefined, signal);
    done.restored.push(...restored);
    done.conflicts.push(...conflicts);
    if (conflicts.length === 0) done.counts.undone += count;
    if (step !== undefined) done.step ??= step;
  }
  for (const { count, params } of scopesOf('keep')) {
    const { kept, conflicts } = await client.call(AgentKeep, params, undefined, signal);
    done.kept.push(...kept);
    done.conflicts.push(...conflicts);
    if (conflicts.length === 0) done.counts.kept += count;
  }
  done.counts.left = changes.length - done.counts.kept - done.counts.undone;
  return done;
}

/** For people. */
export function reviewedWords({ conflicts, counts, step }: ReviewedRun, jobId: string): string[] {
  const { kept, undone, left } = counts;
  if (kept + undone + left === 0) return ['Nothing is left to review. To see what you kept too, add `--all`.'];
  return [
    ...conflicts.map(({ path, why }) => `Left ${path}: ${why}`),
    `${counted(kept, 'change')} kept, ${undone} undone, ${left} left.`,
    ...(step === undefined ? [] : [`To take the undo back, run \`switchyard jobs undo ${jobId} --step ${step}\`.`]),
  ];
}

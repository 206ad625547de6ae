// `switchyard review FILE…`: runs a review and prints its findings as they are found.
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Params, Part, Result } from '../../shared/protocol/define.ts';
import {
  type Finding,
  isIncompleteReview,
  isOpenFinding,
  ReviewForget,
  ReviewRun,
  Severity,
} from '../../shared/protocol/review.ts';
import { markdownReport } from '../../shared/review-markdown.ts';
import { thisBuild } from '../base/build.ts';
import { UserError } from '../base/errors.ts';
import { repositoryOf } from '../base/process/repository.ts';
import { askAtTerminal, hintAtTrust, settleTrust } from './kit/ask-trust.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { readNamedFile } from './kit/named-file.ts';
import { readStdin } from './kit/stdin.ts';
import { clean, printJson, type Style, styled } from './kit/terminal.ts';
import { sarifLog } from './review-formats.ts';

const severities = Severity.options; // the worst first

export const options = {
  staged: { type: 'boolean', description: 'Review staged changes (`git diff --staged`)' },
  unstaged: { type: 'boolean', description: 'Review unstaged changes (`git diff`)' },
  commit: { type: 'string', value: 'REV', description: 'Review a commit, or a range of them: A..B or A...B' },
  base: {
    type: 'string',
    value: 'REF',
    description: 'Review everything since the branch left REF, with uncommitted changes',
  },
  model: { type: 'string', value: 'ID', description: 'Ask this model, as listed by `switchyard models`' },
  'forget-dismissals': {
    type: 'boolean',
    description: 'Hold nothing back for being like findings that you dismissed',
  },
  fresh: { type: 'boolean', description: 'Ask again about code that the model has read before' },
  'fail-on': {
    type: 'string',
    value: 'SEVERITY',
    description: 'Exit with 1 if any finding is at least this severe: error, warning, info, or hint',
  },
  format: {
    type: 'string',
    value: 'FORMAT',
    description: 'Print the result as text, json, markdown, or sarif',
  },
  json,
} as const;

const formats = ['text', 'json', 'markdown', 'sarif'] as const;
type Format = (typeof formats)[number];

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  if (values['forget-dismissals']) return forgetDismissals(values.json ?? false);
  const failOn = values['fail-on'];
  if (failOn !== undefined && !severities.some((severity) => severity === failOn))
    throw new UsageError(`--fail-on must be one of ${severities.join(', ')}.`);
  const format = formatFrom(values);
  const change = changeFrom(values, positionals);
  const root = workingFolder();
  const how = {
    isQuiet: format !== 'text',
    fresh: values.fresh ?? false,
    ...(values.model && { model: values.model }),
  };
  const piped = !change && positionals.includes('-') ? await readStdin(maxPipedCharacters) : '';
  const reviewed = await withDaemon(
    (client) =>
      change ? reviewChange(client, change, { ...how, root }) : reviewAll(client, positionals, { piped, how }),
    { root },
  );
  printDocument(reviewed, { format, isOne: change !== undefined || positionals.length === 1 });
  return exitCodeOf(reviewed.runs, { failOn, hasUnreadable: reviewed.unreadable.length > 0 });
}

/** Findings that were dismissed stay hidden. */
async function forgetDismissals(isJson: boolean): Promise<ExitCode> {
  const result = await withDaemon((client) => client.call(ReviewForget, {}), { root: workingFolder() });
  if (isJson) printJson(result);
  else process.stdout.write(`Forgot ${result.forgotten} decisions about findings. Dismissed findings stay hidden.\n`);
  return 0;
}

/** Text was printed as it came. */
function printDocument({ runs, unreadable }: Reviewed, { format, isOne }: { format: Format; isOne: boolean }): void {
  if (format === 'json') printJson(isOne ? runs[0] : { runs, unreadable });
  if (format === 'sarif') {
    const root = pathToFileURL(repositoryOf(process.cwd())).href;
    printJson(sarifLog(runs, { root, version: thisBuild.version }));
  }
  if (format === 'markdown') process.stdout.write(clean(markdownReport(runs, nameOf)));
}

function formatFrom({ json: isJson, format }: { json?: boolean; format?: string }): Format {
  const named = formats.find((one) => one === format);
  if (format !== undefined && named === undefined)
    throw new UsageError(`--format must be one of ${formats.join(', ')}.`);
  if (isJson && named !== undefined && named !== 'json') throw new UsageError('Choose one of --json and --format.');
  return isJson ? 'json' : (named ?? 'text');
}

type Change = Pick<Params<typeof ReviewRun>, 'diff' | 'commit' | 'base'>;

/** The change that is named, or undefined where files are. */
function changeFrom(
  { staged, unstaged, commit, base }: { staged?: boolean; unstaged?: boolean; commit?: string; base?: string },
  files: readonly string[],
): Change | undefined {
  const changes: Change[] = [
    ...(staged ? [{ diff: 'staged' }] : []),
    ...(unstaged ? [{ diff: 'unstaged' }] : []),
    ...(commit === undefined ? [] : [{ commit }]),
    ...(base === undefined ? [] : [{ base }]),
  ];
  if (changes.length + files.length === 0)
    throw new UsageError(
      'Specify what to review: files, - for standard input, --staged, --unstaged, --commit, or --base.',
    );
  if (changes.length > 1 || (changes.length === 1 && files.length > 0))
    throw new UsageError('Review one thing at a time: files, --staged, --unstaged, --commit, or --base.');
  return changes[0];
}

/** Under `--fail-on`, what was not looked at is no pass. */
export function exitCodeOf(
  runs: readonly Pick<ReviewRunResult, 'findings' | 'coverage'>[],
  { failOn, hasUnreadable }: { failOn: string | undefined; hasUnreadable: boolean },
): ExitCode {
  const worst = Math.min(
    ...runs.flatMap(({ findings }) =>
      findings.filter(isOpenFinding).map(({ severity }) => severities.indexOf(severity)),
    ),
  );
  if (failOn !== undefined && worst <= severities.indexOf(failOn as Finding['severity'])) return 1;
  if (hasUnreadable) return 3;
  return failOn !== undefined && runs.some(({ coverage }) => isIncompleteReview(coverage)) ? 3 : 0;
}

type ReviewRunResult = Result<typeof ReviewRun>;
interface ReviewArguments {
  /** Print nothing but the document in the end. */
  isQuiet: boolean;
  fresh: boolean;
  model?: string;
}

const maxPipedCharacters = 20_000_000;

interface Reviewed {
  runs: ReviewRunResult[];
  /** Files that could not be read, and why. */
  unreadable: { file: string; error: string }[];
}

/** Files, and what was piped in where `-` stands: a diff, or a document without a name. */
async function reviewAll(
  client: DaemonClient,
  names: readonly string[],
  { piped, how }: { piped: string; how: ReviewArguments },
): Promise<Reviewed> {
  const reviewed: Reviewed = { runs: [], unreadable: [] };
  const root = pathToFileURL(repositoryOf(process.cwd())).href;
  const documents = await readAll(names, { piped, reviewed });
  const asDiff = (uri: string): boolean => uri === pipedUri && isDiff(piped);
  const places = documents.map(({ uri }) => (asDiff(uri) ? root : uri)).filter((uri) => uri !== pipedUri);
  const undecided = await settleTrust(client, places, askAtTerminal());
  const files = documents.filter(({ uri }) => !asDiff(uri));
  if (files.length < documents.length) reviewed.runs.push(await reviewOne(client, { diff: piped, root }, how));
  for (const file of files) client.notify('textDocument/didOpen', { textDocument: { ...file, version: 1 } });
  if (files.length > 0) reviewed.runs.push(await reviewOne(client, { files: files.map(({ uri }) => ({ uri })) }, how));
  hintAtLinters(reviewed, undecided);
  return reviewed;
}

const pipedUri = 'untitled:stdin';

/** One that can't be read is told, and the others are reviewed; it is an error where it is the only one. */
async function readAll(
  names: readonly string[],
  { piped, reviewed }: { piped: string; reviewed: Reviewed },
): Promise<Awaited<ReturnType<typeof readNamedFile>>[]> {
  const documents = [];
  for (const name of names) {
    if (name === '-') documents.push({ uri: pipedUri, languageId: 'plaintext', text: piped });
    else
      try {
        documents.push(await readNamedFile(name));
      } catch (error) {
        if (!(error instanceof UserError) || names.length === 1) throw error;
        reviewed.unreadable.push({ file: name, error: error.message });
        process.stderr.write(`error: ${clean(error.message)}\n`);
      }
  }
  return documents;
}

/** As git writes it, or `diff -u`. */
function isDiff(text: string): boolean {
  return /^diff --git |^--- .+\r?\n\+\+\+ /m.test(text);
}

async function reviewChange(
  client: DaemonClient,
  change: Change,
  { root, ...options }: ReviewArguments & { root: string },
): Promise<Reviewed> {
  const undecided = await settleTrust(client, [root], askAtTerminal());
  const reviewed = { runs: [await reviewOne(client, { ...change, root }, options)], unreadable: [] };
  hintAtLinters(reviewed, undecided);
  return reviewed;
}

/** Only where trust would have let one run. */
function hintAtLinters({ runs }: Reviewed, folders: readonly string[]): void {
  if (runs.some(({ coverage }) => coverage.some(({ state }) => state === 'untrusted'))) hintAtTrust(folders);
}

async function reviewOne(
  client: DaemonClient,
  target: object,
  { isQuiet, fresh, model }: ReviewArguments,
): Promise<ReviewRunResult> {
  const result = await client.call(ReviewRun, { ...target, fresh, ...(model && { model }) }, (part) => {
    if (isQuiet) return;
    if (part.kind === 'finding') printFinding(part.finding);
    else process.stderr.write(`${styled(process.stderr, 'dim', clean(progressOf(part)))}\n`);
  });
  if (!isQuiet) {
    for (const finding of result.findings) if (!isOpenFinding(finding)) printFinding(finding);
    process.stdout.write(`${styled(process.stdout, 'bold', clean(result.summary))}\n`);
  }
  return result;
}

function progressOf(part: Exclude<Part<typeof ReviewRun>, { kind: 'finding' }>): string {
  if (part.kind === 'stage') return part.detail;
  if (part.kind === 'note') return part.text;
  return `Withdrawn: line ${part.finding.range.start.line + 1}, ${part.finding.message} (${part.why})`;
}

const colours: Record<Finding['severity'], Style> = { error: 'red', warning: 'yellow', info: 'blue', hint: 'dim' };

function nameOf(uri: string): string {
  return uri.startsWith('file:') ? relative(process.cwd(), fileURLToPath(uri)) : 'stdin';
}

function printFinding({ uri, range, severity, message, source, rule, evidence, state }: Finding): void {
  const place = `${nameOf(uri)}:${range.start.line + 1}:${range.start.character + 1}`;
  const by = [rule ? `${source} ${rule}` : source, ...(state === 'still' ? ['still there'] : [])].join(', ');
  const isSolved = state === 'solved';
  process.stdout.write(
    `${clean(place)}  ${styled(process.stdout, isSolved ? 'green' : colours[severity], isSolved ? 'solved' : severity)}  ${clean(message)}  ${styled(process.stdout, 'dim', clean(by))}\n`,
  );
  const first = clean(evidence.split('\n')[0] ?? '').trim();
  if (first !== '') process.stdout.write(`    ${styled(process.stdout, 'dim', first)}\n`);
}

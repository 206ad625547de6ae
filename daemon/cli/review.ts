// `switchyard review FILE…`: runs a review and prints its findings as they are found.
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Result } from '../../shared/protocol/define.ts';
import { type Finding, isIncompleteReview, ReviewRun, Severity } from '../../shared/protocol/review.ts';
import { UserError } from '../base/errors.ts';
import { type DaemonClient, withDaemon } from './kit/client.ts';
import { type ExitCode, UsageError } from './kit/command.ts';
import { readNamedFile } from './kit/named-file.ts';
import { clean, printJson, type Style, styled } from './kit/terminal.ts';

const severities = Severity.options; // the worst first

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      staged: { type: 'boolean' },
      unstaged: { type: 'boolean' },
      model: { type: 'string' },
      'fail-on': { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const failOn = values['fail-on'];
  if (failOn !== undefined && !severities.some((severity) => severity === failOn))
    throw new UsageError(`--fail-on takes one of ${severities.join(', ')}.`);
  const diff = values.staged ? 'staged' : values.unstaged ? 'unstaged' : undefined;
  if (!diff && positionals.length === 0) throw new UsageError('Say what to review: files, --staged or --unstaged.');
  const root = pathToFileURL(process.cwd()).href;
  const options = { json: values.json ?? false, ...(values.model && { model: values.model }) };
  const { runs, unreadable } = await withDaemon(
    (client) => (diff ? reviewDiff(client, diff, { ...options, root }) : reviewFiles(client, positionals, options)),
    { root },
  );
  if (values.json) printJson(unreadable.length === 0 && runs.length === 1 ? runs[0] : { runs, unreadable });
  return exitCodeOf(runs, { failOn, hasUnreadable: unreadable.length > 0 });
}

/** Under `--fail-on`, what was not looked at is no pass. */
function exitCodeOf(
  runs: readonly ReviewRunResult[],
  { failOn, hasUnreadable }: { failOn: string | undefined; hasUnreadable: boolean },
): ExitCode {
  const worst = Math.min(
    ...runs.flatMap((result) => result.findings.map((finding) => severities.indexOf(finding.severity))),
  );
  if (failOn !== undefined && worst <= severities.indexOf(failOn as Finding['severity'])) return 1;
  if (hasUnreadable) return 3;
  return failOn !== undefined && runs.some(({ coverage }) => isIncompleteReview(coverage)) ? 3 : 0;
}

type ReviewRunResult = Result<typeof ReviewRun>;
interface ReviewArguments {
  json: boolean;
  model?: string;
}

interface Reviewed {
  runs: ReviewRunResult[];
  /** Files that could not be read, and why. */
  unreadable: { file: string; error: string }[];
}

async function reviewFiles(
  client: DaemonClient,
  files: readonly string[],
  options: ReviewArguments,
): Promise<Reviewed> {
  const reviewed: Reviewed = { runs: [], unreadable: [] };
  for (const file of files) {
    const document = await readNamedFile(file).catch((error: unknown) => {
      if (!(error instanceof UserError) || files.length === 1) throw error;
      reviewed.unreadable.push({ file, error: error.message });
      process.stderr.write(`error: ${clean(error.message)}\n`);
    });
    if (!document) continue;
    client.notify('textDocument/didOpen', { textDocument: { ...document, version: 1 } });
    reviewed.runs.push(await reviewOne(client, { textDocument: { uri: document.uri } }, options));
  }
  return reviewed;
}

async function reviewDiff(
  client: DaemonClient,
  diff: string,
  { root, ...options }: ReviewArguments & { root: string },
): Promise<Reviewed> {
  return { runs: [await reviewOne(client, { diff, root }, options)], unreadable: [] };
}

async function reviewOne(
  client: DaemonClient,
  target: object,
  { json, model }: ReviewArguments,
): Promise<ReviewRunResult> {
  const result = await client.call(ReviewRun, { ...target, ...(model && { model }) }, (part) => {
    if (json) return;
    if (part.kind === 'finding') printFinding(part.finding);
    else
      process.stderr.write(
        `${styled(process.stderr, 'dim', clean(part.kind === 'stage' ? part.detail : part.text))}\n`,
      );
  });
  if (!json) process.stdout.write(`${styled(process.stdout, 'bold', clean(result.summary))}\n`);
  return result;
}

const colours: Record<Finding['severity'], Style> = { error: 'red', warning: 'yellow', info: 'blue', hint: 'dim' };

function printFinding({ uri, range, severity, message, source, rule, evidence }: Finding): void {
  const place = `${relative(process.cwd(), fileURLToPath(uri))}:${range.start.line + 1}:${range.start.character + 1}`;
  const by = rule ? `${source} ${rule}` : source;
  process.stdout.write(
    `${clean(place)}  ${styled(process.stdout, colours[severity], severity)}  ${clean(message)}  ${styled(process.stdout, 'dim', clean(by))}\n`,
  );
  const first = clean(evidence.split('\n')[0] ?? '').trim();
  if (first !== '') process.stdout.write(`    ${styled(process.stdout, 'dim', first)}\n`);
}

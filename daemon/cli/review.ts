// `switchyard review FILE…`: runs a review and prints its findings as they are found.
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Result } from '../../shared/protocol/define.ts';
import { type Finding, ReviewRun, Severity } from '../../shared/protocol/review.ts';
import { askAtTerminal, hintAtTrust, settleTrust } from './kit/ask-trust.ts';
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
  const runs = await withDaemon(
    (client) => (diff ? reviewDiff(client, diff, { ...options, root }) : reviewFiles(client, positionals, options)),
    { root },
  );
  if (values.json) printJson(runs.length === 1 ? runs[0] : { runs });
  const worst = Math.min(
    ...runs.flatMap((result) => result.findings.map((finding) => severities.indexOf(finding.severity))),
  );
  return failOn !== undefined && worst <= severities.indexOf(failOn as Finding['severity']) ? 1 : 0;
}

type ReviewRunResult = Result<typeof ReviewRun>;
interface ReviewArguments {
  json: boolean;
  model?: string;
}

async function reviewFiles(
  client: DaemonClient,
  files: readonly string[],
  options: ReviewArguments,
): Promise<ReviewRunResult[]> {
  const runs: ReviewRunResult[] = [];
  const documents = await Promise.all(files.map(readNamedFile));
  const untrusted = await settleTrust(
    client,
    documents.map(({ uri }) => uri),
    askAtTerminal(),
  );
  for (const document of documents) {
    client.notify('textDocument/didOpen', { textDocument: { ...document, version: 1 } });
    runs.push(await reviewOne(client, { textDocument: { uri: document.uri } }, options));
  }
  hintAtTrust(untrusted);
  return runs;
}

async function reviewDiff(
  client: DaemonClient,
  diff: string,
  { root, ...options }: ReviewArguments & { root: string },
): Promise<ReviewRunResult[]> {
  const untrusted = await settleTrust(client, [root], askAtTerminal());
  const run = await reviewOne(client, { diff, root }, options);
  hintAtTrust(untrusted);
  return [run];
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

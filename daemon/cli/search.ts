// `switchyard search "QUERY"`: searches chats, findings, code and memories.
import { relative } from 'node:path';
import type { Result } from '../../shared/protocol/define.ts';
import { Search, type SearchHit, SearchIn } from '../../shared/protocol/search.ts';
import { toPath } from '../base/uri.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { clean, printJson, styled } from './kit/terminal.ts';

export const options = {
  in: {
    type: 'string',
    multiple: true,
    value: 'WHERE',
    description: 'Search only chats, code, memories, or findings',
  },
  limit: { type: 'string', value: 'N', description: 'Show at most this many results, up to 100' },
  cursor: { type: 'string', value: 'PAGE', description: 'Show the next page, as named at the end of the last one' },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  const query = positionals.join(' ');
  if (query.trim() === '') throw new UsageError('Specify what to search for: switchyard search "QUERY".');
  const within = values.in && readIn(values.in);
  const limit = values.limit === undefined ? undefined : readLimit(values.limit);
  const result = await withDaemon((client) =>
    client.call(Search, {
      query,
      ...(within && { in: within }),
      ...(limit && { limit }),
      ...(values.cursor && { cursor: values.cursor }),
    }),
  );
  if (values.json) printJson(result);
  else
    process.stdout.write(
      describe(result, process.stdout)
        .map((line) => `${line}\n`)
        .join(''),
    );
  for (const note of values.json ? [] : result.notes) process.stderr.write(`${clean(note)}\n`);
  return 0;
}

/** `--in chats,code` and `--in chats --in code` alike. */
export function readIn(values: readonly string[]): SearchIn[] {
  return values
    .flatMap((value) => value.split(','))
    .map((value) => {
      const known = SearchIn.safeParse(value.trim());
      if (!known.success) throw new UsageError(`--in must be one of ${SearchIn.options.join(', ')}, not "${value}".`);
      return known.data;
    });
}

function readLimit(value: string): number {
  const limit = Number(value);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new UsageError('--limit must be a whole number from 1 to 100.');
  return limit;
}

/** Two lines a hit: where it is, and its text with the found words marked. */
export function describe({ hits, next }: Result<typeof Search>, stream: NodeJS.WriteStream): string[] {
  if (hits.length === 0) return ['No results.'];
  const more = next ? [`To see more, add \`--cursor ${clean(next)}\`.`] : [];
  return [...hits.flatMap((hit) => [headOf(hit, stream), `    ${marked(hit, stream)}`]), ...more];
}

function headOf(hit: SearchHit, stream: NodeJS.WriteStream): string {
  const day = new Date(hit.createdAt).toISOString().slice(0, 10);
  const title = oneLine(hit.title) || (hit.kind === 'memory' ? 'Memory' : 'untitled');
  const facts = [
    kindNames[hit.kind],
    day,
    ...(hit.uri ? [placeOf(hit)] : []),
    ...(hit.chatId ? [`chat ${oneLine(hit.chatId)}`] : []),
    ...(hit.places ? [`${hit.places.length + 1} places`] : []),
  ];
  return `${styled(stream, 'bold', title)}  ${styled(stream, 'dim', facts.join(' · '))}`;
}

const kindNames: Record<SearchHit['kind'], string> = {
  message: 'chat',
  code: 'code',
  memory: 'memory',
  finding: 'finding',
};

function placeOf({ uri = '', range }: SearchHit): string {
  const line = range ? `:${range.start.line + 1}` : '';
  return oneLine(`${nameOf(uri)}${line}`);
}

function nameOf(uri: string): string {
  const path = toPath(uri);
  return path === undefined ? uri : relative(process.cwd(), path);
}

function marked({ snippet, highlights }: SearchHit, stream: NodeJS.WriteStream): string {
  let shown = '';
  let at = 0;
  for (const [start, end] of highlights) {
    shown += oneLine(snippet.slice(at, start)) + styled(stream, 'cyan', oneLine(snippet.slice(start, end)));
    at = end;
  }
  return shown + oneLine(snippet.slice(at));
}

function oneLine(text: string): string {
  return clean(text).replace(/[\n\t]/g, ' ');
}

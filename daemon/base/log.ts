// The daemon's log: one JSON object a line in a file, with secrets masked, never on stdout, never in the way.
import { mkdirSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import pino from 'pino';
import { escapeHidden } from '../../shared/hidden-characters.ts';
import { moveFileSync } from './disk.ts';

export type Level = 'debug' | 'info' | 'warn' | 'error';
export interface Log {
  debug(fields: Record<string, unknown>, message: string): void;
  info(fields: Record<string, unknown>, message: string): void;
  warn(fields: Record<string, unknown>, message: string): void;
  error(fields: Record<string, unknown>, message: string): void;
}

const minPart = 10; // characters of a secret that are masked where the rest was cut off
const publicStart = /^(?:[a-z]{1,8}[-_]){1,4}(?:v\d-|api\d\d-)?/; // `sk-proj-` and its like say only whose key it is

/** Replaces every secret it was told of by `[key]`, and what a text that was cut leaves of it. Lives as long as the process. */
export class Redactor {
  readonly #secrets = new Set<string>();
  readonly #parted = new Set<string>();

  add(secret: string): void {
    if (secret.length < 6) return; // shorter strings would mask ordinary words
    const bytes = Buffer.from(secret);
    // Also as a server may hand it back. A padded end is cut off, since something may follow in the same text.
    const encoded = [
      bytes.toString('base64').replace(/=+$/, ''),
      bytes.toString('base64url'),
      bytes.toString('hex'),
      encodeURIComponent(secret.toWellFormed()),
    ];
    for (const form of [secret, ...encoded]) this.#secrets.add(form);
    if (secret.length >= 2 * minPart) this.#parted.add(secret);
  }

  redact(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) {
      clean = clean.replaceAll(secret, '[key]');
      const escaped = JSON.stringify(secret).slice(1, -1);
      if (escaped !== secret) clean = clean.replaceAll(escaped, '[key]');
    }
    for (const secret of this.#parted) clean = withoutParts(clean, secret);
    return clean;
  }
}

/** Without the longest beginning and the longest end of the secret, wherever one stands. */
function withoutParts(text: string, secret: string): string {
  const least = minPart + (publicStart.exec(secret)?.[0].length ?? 0);
  if (secret.length <= least) return text;
  let clean = text;
  const first = secret.slice(0, least);
  for (let at = clean.indexOf(first); at !== -1; at = clean.indexOf(first, at)) {
    let length = least;
    while (length < secret.length && clean[at + length] === secret[length]) length++;
    clean = `${clean.slice(0, at)}[key]${clean.slice(at + length)}`;
  }
  const last = secret.slice(-minPart);
  for (let at = clean.indexOf(last); at !== -1; at = clean.indexOf(last, at)) {
    let length = minPart;
    while (length < secret.length && at > 0 && clean[at - 1] === secret.at(-length - 1)) {
      length++;
      at--;
    }
    clean = `${clean.slice(0, at)}[key]${clean.slice(at + length)}`;
  }
  return clean;
}

/** A line of the log, redacted. */
export interface LogLine {
  level: Level;
  /** As ISO 8601 has it. */
  time: string;
  message: string;
  /** What it is about; perhaps somebody's own. */
  details: Readonly<Record<string, unknown>>;
}

export interface LogSink {
  log: Log;
  /** Calls back with each line of level info and above, inside of what wrote it; returns how to stop. */
  subscribe(listener: (line: LogLine) => void): () => void;
}

const keptBytes = 5 * 1024 * 1024; // one older file of this size is kept beside the current one

export function createLog(options: { file?: string; level?: Level; redactor: Redactor }): LogSink {
  const { file, redactor } = options;
  const listeners = new Set<(line: LogLine) => void>();
  const destination = file ? openFile(file) : undefined;
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      const line = escapeHidden(redactor.redact(String(chunk)));
      destination?.write(line);
      if (listeners.size > 0) tell(line, listeners);
      done();
    },
  });
  return {
    log: pino({ level: options.level ?? 'info', base: null, timestamp: pino.stdTimeFunctions.isoTime }, stream),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function openFile(file: string): { write(line: string): void } | undefined {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > keptBytes) moveFileSync(file, `${file}.1`);
    // Opened here: a file that pino itself fails to open would throw when the process ends.
    const destination = pino.destination({ dest: openSync(file, 'a', 0o600), sync: false });
    destination.on('error', () => {}); // a full or read-only disk loses log lines, never a request
    return destination;
  } catch {
    return undefined;
  }
}

const levels: Record<number, Level> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error' };

function tell(line: string, listeners: ReadonlySet<(line: LogLine) => void>): void {
  const { level, time, msg, ...details } = JSON.parse(line) as { level: number; time: string; msg: string };
  const name = levels[level] ?? 'info';
  if (name === 'debug') return;
  for (const listener of listeners) listener({ level: name, time, message: msg, details });
}

// Reads what another program wrote, which may have any shape and be hostile. Only an object's own fields are read.
import { isAbsolute } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UnreadableChat } from './error.ts';

export type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own field of an object; undefined for anything else. */
export function field(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A field that is a text, and not an empty one. */
export function textField(value: unknown, name: string): string | undefined {
  const found = field(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function listField(value: unknown, name: string): readonly unknown[] {
  const found = field(value, name);
  return Array.isArray(found) ? found : [];
}

const latestMs = 8_640_000_000_000_000; // as far as a date reaches
const earliestMs = 1e11; // in 1973; a smaller number counts seconds

/**
 * A time in milliseconds since the epoch. Takes seconds or milliseconds as a number or in digits, or a date as text; undefined for
 * anything else.
 */
export function timeOf(value: unknown): number | undefined {
  const number = typeof value === 'string' ? numberIn(value) : value;
  if (typeof number !== 'number') return undefined;
  const ms = Math.round(number < earliestMs ? number * 1000 : number);
  return ms > 0 && ms <= latestMs ? ms : undefined;
}

/** A date as text is in milliseconds. */
function numberIn(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : Date.parse(text);
}

const maxPathLength = 4096;

/** A folder's absolute path, from a path or a file's URI. Undefined for anything else, such as a folder on another machine. */
export function folderPath(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > maxPathLength || value.includes('\0')) return undefined;
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(value)) return isAbsolute(value) ? value : undefined;
  try {
    const path = fileURLToPath(value);
    return path.startsWith('\\\\') ? undefined : path;
  } catch {
    return undefined;
  }
}

/** Throws UnreadableChat where a text is no JSON. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnreadableChat("it isn't valid JSON");
  }
}

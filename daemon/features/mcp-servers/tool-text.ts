// A server's tool as a model and a user see it: its words without what nobody sees, cut, since each is paid for in every prompt, and a
// name that no other tool has.
import { createHash } from 'node:crypto';
import { withoutHidden } from '../../../shared/hidden-characters.ts';
import { cleanMessage } from '../../base/clean-text.ts';

export const maxDescription = 400; // characters, for a model
const maxPropertyDescription = 160;
const maxDepth = 6;
const maxProperties = 40;

/** What of a JSON schema tells a model which values to give. Titles, examples and defaults don't. */
const keptWords = new Set([
  'type',
  'properties',
  'required',
  'items',
  'enum',
  'const',
  'anyOf',
  'oneOf',
  'allOf',
  '$ref',
  '$defs',
  'definitions',
  'minimum',
  'maximum',
  'minItems',
  'maxItems',
  'additionalProperties',
  'description',
]);

export function modelDescription(server: string, description: string): string {
  const text = cleanMessage(description, maxDescription);
  return text === '' ? `A tool of ${server}.` : text;
}

/** Undefined where it isn't a schema of an object, or names things by characters that nobody sees. */
export function modelParameters(json: string): Record<string, unknown> | undefined {
  const schema = compact(JSON.parse(json), 0);
  if (!isObject(schema) || hasHiddenKeys(schema)) return undefined;
  return { ...schema, type: 'object' };
}

/** Names of properties are kept whatever they are: `description` may be one. */
function compact(schema: unknown, depth: number): unknown {
  if (typeof schema === 'string') return withoutHidden(schema);
  if (Array.isArray(schema)) return schema.slice(0, maxProperties).map((each) => compact(each, depth + 1));
  if (!isObject(schema)) return schema;
  if (depth > maxDepth) return {};
  const kept = Object.entries(schema).filter(([word]) => keptWords.has(word));
  return Object.fromEntries(
    kept.map(([word, value]) => {
      if (word === 'description') return [word, cleanMessage(String(value), maxPropertyDescription)];
      if (namesThings.has(word) && isObject(value)) return [word, compactEach(value, depth + 1)];
      return [word, compact(value, depth + 1)];
    }),
  );
}

const namesThings = new Set(['properties', '$defs', 'definitions']);

function compactEach(named: Record<string, unknown>, depth: number): Record<string, unknown> {
  const first = Object.entries(named).slice(0, maxProperties);
  return Object.fromEntries(first.map(([name, schema]) => [name, compact(schema, depth)]));
}

function hasHiddenKeys(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasHiddenKeys);
  if (!isObject(value)) return false;
  return Object.entries(value).some(([key, each]) => withoutHidden(key) !== key || hasHiddenKeys(each));
}

const maxName = 64; // as OpenAI and Anthropic have it

/**
 * The name by which a model calls it: `server__tool`. No tool of ours has two underscores. What providers don't take in a name, or is too
 * long for one, is replaced, with a hash of the whole, so that two tools never share one.
 */
export function modelName(server: string, tool: string): string {
  const plain = `${server}__${tool}`;
  if (/^[A-Za-z0-9_-]+$/.test(plain) && plain.length <= maxName) return plain;
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 8);
  return `${plain.replace(/[^A-Za-z0-9_-]+/g, '_').slice(0, maxName - hash.length - 1)}_${hash}`;
}

/** For people: `server.tool`. */
export function shownName(server: string, tool: string): string {
  return `${server}.${cleanMessage(tool, 100)}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

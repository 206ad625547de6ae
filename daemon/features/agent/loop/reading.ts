// Reads a call of a tool out of text. Small models write JSON with words around it, in fences, or under other names for the same fields. Pure.
import { fencedBlocks } from '../../pipeline/edits/fences.ts';
import type { MadeCall } from './turn.ts';

/** The call that a text is or ends with; undefined where it has none of these tools. */
export function callIn(
  text: string,
  tools: readonly { name: string }[],
): Omit<MadeCall, 'id' | 'provider'> | undefined {
  const found = jsonIn(text);
  if (!found) return undefined;
  const { tool, name, function: called, arguments: first, args, parameters, input, ...others } = found;
  const inner = isObject(called) ? called : undefined;
  const nested = [inner?.['arguments'], first, args, parameters, input].map(objectOf).find((one) => one !== undefined);
  // A name alone may be any object's: only with arguments beside it is it a call's.
  const said = tool ?? inner?.['name'] ?? (nested ? name : undefined);
  const known = tools.find((one) => one.name === said);
  if (!known) return undefined;
  // Fields that are not wrapped are the arguments themselves, also where one of them is called like a wrapper.
  const wrappers = nested ? {} : { arguments: first, args, parameters, input };
  const own = { ...others, ...wrappers, ...(tool !== undefined && { name }) };
  return { name: known.name, arguments: JSON.stringify({ ...own, ...nested }) };
}

/** The object that a text is, or its last block, or what stands between its first brace and its last. */
export function jsonIn(text: string): Record<string, unknown> | undefined {
  const block = fencedBlocks(text).findLast(({ code }) => code.trim().startsWith('{'))?.code;
  const braces = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  for (const candidate of [text, block, braces]) {
    const value = objectOf(candidate);
    if (value) return value;
  }
  return undefined;
}

/** After what is no escape, or a whole one. */
const halfEscape = /(?<=[^\\](\\\\)*)\\(u[\da-f]{0,3})?$/i;

/** An object that was cut off, with what it has open closed; the text itself where nothing is. */
export function closedJson(text: string): string {
  const open: string[] = [];
  let isText = false;
  for (const [letter] of text.matchAll(/\\.|["{}[\]]/gs)) {
    if (letter === '"') isText = !isText;
    else if (isText || letter.length > 1) continue;
    else if (letter === '{' || letter === '[') open.unshift(letter === '{' ? '}' : ']');
    else open.shift();
  }
  if (open.length === 0) return text;
  const begun = isText ? `${text.replace(halfEscape, '')}"` : text.replace(/[,\s]+$/, '').replace(/:$/, ':null');
  return begun + open.join('');
}

const maxCutChars = 200;

/** A call that is not done, with no more of its texts than tells what it was. */
export function shortened<Call extends Pick<MadeCall, 'arguments'>>(call: Call): Call {
  const short = (_: string, value: unknown): unknown =>
    typeof value === 'string' && value.length > maxCutChars ? `${value.slice(0, maxCutChars).toWellFormed()}…` : value;
  return { ...call, arguments: JSON.stringify(JSON.parse(call.arguments), short) };
}

/** An object, or the one that a text is. */
export function objectOf(value: unknown): Record<string, unknown> | undefined {
  if (isObject(value)) return value;
  if (typeof value !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

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

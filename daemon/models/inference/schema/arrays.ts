// Lists of a schema, as rules. Pure.
import type { SchemaWriter } from './rules.ts';
import { isAllowed, namedValue } from './scalars.ts';
import { hasEqual, type JsonSchema } from './words.ts';

/** llama.cpp takes no more repetitions of what has rules of its own. */
const maxCount = 400;
/** A rule is made for each subset of the values that were not named yet. */
const maxUniqueValues = 8;

/** The list's rule; undefined where none is valid. */
export function arrayRule(words: JsonSchema, place: string, writer: SchemaWriter): string | undefined {
  const bound = (word: string, other: number): number => {
    if (!(word in words)) return other;
    if (Number(words[word]) <= maxCount) return Number(words[word]);
    writer.report(word, place);
    return other;
  };
  const min = bound('minItems', 0);
  const max = bound('maxItems', Number.POSITIVE_INFINITY);
  if (min > max) return undefined;
  const first = ((words['prefixItems'] ?? []) as unknown[]).slice(0, max);
  const itemPlace = `${place}[]`;
  const item = words['items'] ?? (first.length === 0 || min > first.length);
  if (words['uniqueItems'] === true && max > 1) {
    const values = first.length === 0 ? valuesOf(item, itemPlace, writer) : undefined;
    if (values) return uniqueRule(values, min, max, writer);
    writer.report('uniqueItems', place);
  }
  const fixed = first.map((schema) => writer.ruleOf(schema, itemPlace));
  if (fixed.includes(undefined)) return undefined;
  const repeated = item === false ? undefined : writer.ruleOf(item, itemPlace);
  const least = Math.max(0, min - first.length);
  const most = repeated === undefined ? 0 : max - first.length;
  if (least > most) return undefined;
  return writer.rules.add(listOf(fixed.map(String), repeated ?? '', least, most));
}

function listOf(fixed: readonly string[], repeated: string, least: number, most: number): string {
  const times = (min: number, max: number): string => `{${min},${Number.isFinite(max) ? max : ''}}`;
  if (fixed.length > 0) {
    const others = most > 0 ? ` (sep ${repeated})${times(least, most)}` : '';
    return `"[" ws ${fixed.join(' sep ')}${others} ws "]"`;
  }
  if (most === 0) return '"[" ws "]"';
  const others = most > 1 ? ` (sep ${repeated})${times(Math.max(0, least - 1), most - 1)}` : '';
  const all = `ws ${repeated}${others}`;
  return `"[" ${least === 0 ? `(${all})?` : all} ws "]"`;
}

/** The few values that an item can have; undefined where there are more. */
function valuesOf(item: unknown, place: string, writer: SchemaWriter): unknown[] | undefined {
  const values: unknown[] = [];
  for (const words of writer.alternativesOf(item, place)) {
    const types = words['type'] as string[] | undefined;
    const isFlag = types?.length === 1 && types[0] === 'boolean';
    const named = (words['enum'] as unknown[] | undefined) ?? (isFlag ? [true, false] : undefined);
    if (!named) return undefined;
    values.push(...named.filter((value) => isAllowed(value, words) && !hasEqual(values, value)));
  }
  return values.length <= maxUniqueValues ? values : undefined;
}

/** A rule for each set of values that are left. */
function uniqueRule(values: readonly unknown[], min: number, max: number, { rules }: SchemaWriter): string | undefined {
  if (min > values.length) return undefined;
  const known = new Map<number, string>();
  const texts = values.map(namedValue);
  const after = (used: number): string => {
    const name = known.get(used);
    if (name) return name;
    const count = used.toString(2).replaceAll('0', '').length;
    const next = texts.flatMap((text, i) =>
      (used & (1 << i)) === 0 && count < max ? [`${count > 0 ? 'sep' : 'ws'} ${text} ${after(used | (1 << i))}`] : [],
    );
    const rule = rules.add(...next, ...(count >= min ? ['ws "]"'] : []));
    known.set(used, rule);
    return rule;
  };
  return rules.add(`"[" ${after(0)}`);
}

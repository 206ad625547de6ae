// Params as clients send them. Clients in Lua, PHP, Elisp and others write what they leave out as null, or as an empty table that
// becomes `[]` or `{}`. All three are absent wherever a schema does not take them.
import type * as z from 'zod';

const maxRounds = 10; // what one round takes away can make the next issue visible

/** Checks params against a schema; an absent value that the schema refuses is read as if it had been left out. */
export function readParams<S extends z.ZodType>(schema: S, raw: unknown): z.ZodSafeParseResult<z.infer<S>> {
  let result = schema.safeParse(raw);
  let params = raw;
  for (let round = 0; !result.success && round < maxRounds; round++) {
    const absent = result.error.issues.map(({ path }) => path).filter((path) => isAbsent(valueAt(params, path)));
    const without = absent.reduce(withoutMember, params);
    if (without === params) return result;
    params = without;
    result = schema.safeParse(params);
  }
  return result;
}

/** One sentence for what is wrong: the field, and why. */
export function describeIssue(issue: z.core.$ZodIssue | undefined): string {
  return issue ? `${issue.path.map(String).join('.') || 'params'}: ${issue.message}` : 'wrong params';
}

function isAbsent(value: unknown): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key], value);
}

/** A copy without the member at the path. Items of lists stay: a list without one of its items says something else. */
function withoutMember(value: unknown, [key, ...rest]: readonly PropertyKey[]): unknown {
  if (key === undefined || typeof value !== 'object' || value === null) return value;
  const inner = (value as Record<PropertyKey, unknown>)[key];
  if (rest.length > 0) {
    const without = withoutMember(inner, rest);
    if (without === inner) return value;
    return Array.isArray(value) ? value.with(Number(key), without) : { ...value, [key]: without };
  }
  if (Array.isArray(value) || !Object.hasOwn(value, key)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

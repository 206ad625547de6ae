// A model's answer that must be one JSON value and nothing else. What is almost JSON, or JSON among words, is refused: a judge's answer
// that has to be mended may say the opposite of what it was. Pure; never throws.
import { type Node, parseTree } from 'jsonc-parser';
import type * as z from 'zod';

/** The value, or why there is none: the end of a sentence that begins with the model. */
export type StrictAnswer<Value> = { value: Value } | { parseError: string };

const maxAnswerChars = 65_536; // of an answer that is decoded at all

/** Reads the answer as JSON of a schema. It may stand in one fence, and nothing may stand around it. */
export function strictJson<Schema extends z.ZodType>(answer: string, schema: Schema): StrictAnswer<z.infer<Schema>> {
  if (answer.trim() === '') return { parseError: 'returned an empty answer' };
  if (answer.length > maxAnswerChars) return { parseError: 'wrote far more than was asked' };
  const json = withoutFence(answer.trim());
  try {
    const value: unknown = JSON.parse(json);
    const tree = parseTree(json);
    if (!tree || repeatsKey(tree)) return { parseError: "gave the same field twice, so its answer can't be trusted" };
    const read = schema.safeParse(value);
    if (read.success) return { value: read.data };
    const [issue] = read.error.issues;
    return { parseError: `didn't answer in the expected format (${placeOf(issue?.path ?? [])})` };
  } catch {
    return { parseError: "didn't answer with valid JSON" };
  }
}

function withoutFence(text: string): string {
  return /^```(?:json)?[ \t]*\r?\n([\s\S]*?)\r?\n?```$/i.exec(text)?.[1] ?? text;
}

/** JSON.parse would take the last one in silence. */
function repeatsKey({ type, children = [] }: Node): boolean {
  if (type === 'object') {
    const keys = children.map((property) => property.children?.[0]?.value as unknown);
    if (new Set(keys).size < keys.length) return true;
  }
  return children.some(repeatsKey);
}

/** Names of fields are ours, as unknown ones are reported at the object that holds them. */
function placeOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'its fields' : path.map(String).join('.');
}

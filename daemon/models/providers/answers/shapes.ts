// What servers send, read whatever its shape: lists for texts, objects for arguments, numbers as text, names that every object has.
// Nothing here trusts a type: what is not as it should be is left out, or is an UnexpectedShape where an answer would lack a piece.

export type Fields = Readonly<Record<string, unknown>>;

/** Told to the user as a server that sent something that is no answer. */
class UnexpectedShape extends Error {
  override readonly name = 'UnexpectedShape';
}

/** The fields of an object; none of anything else, lists included. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The entry of a table by a name that a server sent: `constructor` and its like are in no table of ours. */
export function lookUp<Value>(table: Readonly<Record<string, Value>>, name: unknown): Value | undefined {
  return (typeof name === 'string' || typeof name === 'number') && Object.hasOwn(table, name) ? table[name] : undefined;
}

/** A count of tokens, as a number or as text; undefined where nothing was counted. */
export function countOf(...candidates: readonly unknown[]): number | undefined {
  for (const value of candidates) {
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number) && number >= 0) return number;
  }
  return undefined;
}

export interface ContentPiece {
  kind: 'text' | 'reasoning';
  text: string;
}

const maxDepth = 8; // of pieces within pieces

/**
 * The pieces of a content: a string, a list of strings and of objects such as `{type: "thinking", thinking: […]}`, or one such
 * object. Null and pieces of other kinds (references, images) say nothing. Throws UnexpectedShape for a value that is no content.
 */
export function contentPieces(content: unknown, kind: ContentPiece['kind'] = 'text', depth = 0): ContentPiece[] {
  if (content === null || content === undefined || content === '') return [];
  if (typeof content === 'string') return [{ kind, text: content }];
  if (typeof content !== 'object' || depth > maxDepth) throw new UnexpectedShape(`${typeof content} for a text`);
  if (Array.isArray(content)) return content.flatMap((piece) => contentPieces(piece, kind, depth + 1));
  const { type, text, thinking, reasoning, summary, content: inner } = fieldsOf(content);
  const isReasoning = kind === 'reasoning' || (typeof type === 'string' && /think|thought|reason/.test(type));
  const value = [text, thinking, reasoning, inner, summary].find((field) => field !== undefined && field !== null);
  return contentPieces(value, isReasoning ? 'reasoning' : kind, depth + 1);
}

/** Reasoning is beside the answer: where it cannot be read, nothing is lost. */
export function reasoningText(value: unknown): string {
  try {
    return contentPieces(value, 'reasoning')
      .map(({ text }) => text)
      .join('');
  } catch {
    return '';
  }
}

/** A piece of a call's arguments: JSON as text, or the object itself. */
export function argumentsText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

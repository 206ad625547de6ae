// What both of OpenAI's APIs write in the same way.
import type { Image } from '../provider.ts';

export function dataUrl({ mediaType, data }: Image): string {
  return `data:${mediaType};base64,${data}`;
}

/** Whether OpenAI would take a schema as `strict`: each object closed, and each of its properties required. */
export function isStrict(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return true;
  const { type, properties, required, additionalProperties } = schema as Record<string, unknown>;
  if (type === 'object') {
    const names = Object.keys((properties as object | undefined) ?? {});
    const closed =
      additionalProperties === false && Array.isArray(required) && names.every((name) => required.includes(name));
    if (!closed) return false;
  }
  return Object.values(schema).every(isStrict);
}

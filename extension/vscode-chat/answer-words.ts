// What VS Code's chat needs to know of an answer: the arguments of a call, the kind of a failure, and how long a text is. Pure.
import type { LanguageModelError } from 'vscode';

/** Throws Error with a sentence for the user: what a model writes need not be JSON. */
export function argumentsOf({ name, arguments: written }: { name: string; arguments: string }): object {
  try {
    const value: unknown = JSON.parse(written.trim() || '{}');
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // said below
  }
  throw new Error(`The model used the tool "${name}" with input that isn't valid. Try again, or choose another model.`);
}

type ErrorKind = Exclude<keyof typeof LanguageModelError, 'prototype' | keyof typeof Error>;

/** TABLE of the kinds that VS Code tells apart, by the daemon's codes. */
const kinds: Readonly<Record<string, ErrorKind>> = {
  'model-not-found': 'NotFound',
  'no-model': 'NotFound',
  'no-able-model': 'NotFound',
  auth: 'NoPermissions',
  'secrets-in-prompt': 'NoPermissions',
  'budget-reached': 'Blocked',
  'rate-limited': 'Blocked',
  refused: 'Blocked',
};

/** Undefined where VS Code has no kind for it. */
export function errorKind(code: string): ErrorKind | undefined {
  return Object.hasOwn(kinds, code) ? kinds[code] : undefined;
}

/** UTF-16 units of the longest text that is sent to be counted; the rest of a longer one is taken in proportion. */
export const maxTokenText = 1_000_000;
const tokensPerImage = 1000; // what clouds count for a picture of a screen, more or less

/** `counted` is of the text's first `maxTokenText`. */
export function tokensOf({ text, images }: { text: string; images: number }, counted: number): number {
  const ofText = text.length > maxTokenText ? Math.ceil((counted * text.length) / maxTokenText) : counted;
  return ofText + images * tokensPerImage;
}

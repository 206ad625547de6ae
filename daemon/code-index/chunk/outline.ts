// What is declared in a text and where: functions, classes and types, with the heads of what they stand in.
import { type Chunk, maxChunkLines } from './chunk.ts';
import { chunksOf } from './chunker.ts';
import { languageOf, languages } from './languages.ts';
import type { Parsers } from './parsers.ts';

export interface Declaration extends Pick<Chunk, 'symbol' | 'startLine' | 'endLine'> {
  /** The heads of what it stands in, outermost first; of a later part of a long one its own head, too. */
  around: readonly string[];
}

export interface OutlineRequest {
  uri: string;
  languageId: string;
  text: string;
}

/** In the order of the lines; undefined where the language has no parser here. */
export async function outlineOf(
  { uri, languageId, text }: OutlineRequest,
  parsers: Parsers,
): Promise<Declaration[] | undefined> {
  const syntax = languages.find(({ id }) => id === languageId) ?? languageOf(uri)?.syntax;
  if (!syntax) return undefined;
  const chunks = await chunksOf(text, { syntax, parsers });
  return chunks
    .filter(({ symbol, kind }) => symbol !== '' && kind !== 'window')
    .map(({ symbol, startLine, endLine, context }) => ({
      symbol,
      startLine,
      endLine: Math.min(endLine, startLine + maxChunkLines),
      around: context === '' ? [] : context.split('\n'),
    }));
}

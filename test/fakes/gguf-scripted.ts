// Weights that make llama.cpp recite scripts: each piece leads to the next, and what stands in the prompt chooses the first.
import {
  addFimTokens,
  byteToken,
  fimMetadata,
  llamaMetadata,
  llamaTensors,
  randomNumbers,
  type Shape,
  type Tensor,
  type Value,
  Vocabulary,
} from './gguf-file.ts';

export interface ScriptedOptions {
  contextTokens?: number;
  /** What the chat template itself begins each answer with. */
  answerBegins?: string;
  when?: readonly { promptHas: string; script: string }[];
  /**
   * It is a base model that completes code, and has no chat template: it recites after the word for the hole's text, and after each of
   * these characters.
   */
  fimAfter?: string;
}

/** JSON as our grammars let it be recited: compact, so that no whitespace rule is in its way. */
export const scriptedJson = (value: unknown): string => JSON.stringify(value);

// The embedding's dimensions. Every token that leads somewhere has a random code of +1 and -1; codes are nearly orthogonal.
const startFlag = 0;
const triggerFlag = 1;
const firstTrigger = 2; // one dimension for each row of `when`
const maxTriggers = 8;
const firstCode = firstTrigger + maxTriggers;
const embedding = 128;
const codeSize = embedding - firstCode;
const headSize = 32;

/**
 * The next token is a function of the current one: the output row of a piece is the code of its predecessor. The newline that ends
 * the chat template's prompt leads to the first piece. Texts of `when` are tokens of their own; at the newline, attention finds them
 * anywhere in the prompt and adds their dimension, to which the first piece of their script listens.
 */
export function scriptedModel(
  script: string,
  options: ScriptedOptions,
  end: number,
): { metadata: Record<string, Value>; tensors: Tensor[] } {
  const when = options.when ?? [];
  if (when.length > maxTriggers) throw new Error(`at most ${maxTriggers} rows of "when"`);
  const vocabulary = new Vocabulary();
  const fim = options.fimAfter === undefined ? undefined : addFimTokens(vocabulary);
  const tokenOf = (letter: string): number =>
    letter === ' ' ? vocabulary.texts.indexOf(escaped(letter)) : byteToken(letter.charCodeAt(0));
  const starts = [...(fim ? [fim.middle] : []), ...['\n', ...(options.fimAfter ?? '')].map(tokenOf)];
  const triggers = when.map(({ promptHas }) => vocabulary.add(promptHas, 'userDefined'));
  const chains = [script, ...when.map((row) => row.script)].map((text) =>
    splitIntoPieces(text, vocabulary.texts).map((piece) => vocabulary.add(escaped(piece), 'normal')),
  );
  while (vocabulary.texts.length % 8 !== 0) vocabulary.add(`<pad${vocabulary.texts.length}>`, 'unused');

  const shape: Shape = {
    embedding,
    layers: 1,
    heads: embedding / headSize,
    feedForward: 32,
    contextTokens: options.contextTokens ?? 8192,
    ropeFrequencyBase: 1e12, // the slowest rotation stands still: attention does not fade with distance
  };
  const codes = newCodes([...starts, ...chains.flat()]);
  const tensors = llamaTensors(shape, vocabulary.texts.length, ({ name, values }) => {
    if (name === 'token_embd.weight') embed(values, { codes, starts, triggers });
    if (name === 'output.weight') lead(values, { codes, chains, starts, space: tokenOf(' '), end });
    if (name.startsWith('blk.0.attn')) attend(name, values);
  });
  return { metadata: { ...llamaMetadata('scripted', shape, vocabulary, !fim), ...(fim && fimMetadata(fim)) }, tensors };
}

/** Pieces of about a word, each of which occurs once: a piece that is taken grows by the words after it. */
function splitIntoPieces(script: string, taken: readonly string[]): string[] {
  const pieces: string[] = [];
  const isFree = (piece: string) => !pieces.includes(piece) && !taken.includes(escaped(piece));
  let piece = '';
  for (const word of script.match(/\s*\S+\s*$|\s*\S+/g) ?? []) {
    piece += word;
    if (!isFree(piece)) continue;
    pieces.push(piece);
    piece = '';
  }
  while (piece !== '' && !isFree(piece)) {
    const previous = pieces.pop();
    if (previous === undefined)
      throw new Error(`a script must differ from the others and from special tokens: ${JSON.stringify(script)}`);
    piece = previous + piece;
  }
  if (piece !== '') pieces.push(piece);
  if (pieces.length === 0) throw new Error('a script must say something');
  return pieces;
}

const escaped = (piece: string): string => piece.replaceAll(' ', '\u2581');

function newCodes(tokens: readonly number[]): Map<number, Float32Array> {
  const random = randomNumbers(7);
  return new Map(
    tokens.map((token) => [token, Float32Array.from({ length: codeSize }, () => (random() < 0.5 ? -1 : 1))]),
  );
}

function embed(
  values: Float32Array,
  tokens: { codes: Map<number, Float32Array>; starts: number[]; triggers: number[] },
): void {
  for (const [token, code] of tokens.codes) values.set(code, token * embedding + firstCode);
  for (const start of tokens.starts) values[start * embedding + startFlag] = 8;
  tokens.triggers.forEach((token, row) => {
    values[token * embedding + triggerFlag] = 4 + 2 * (maxTriggers - row); // the larger the flag, the more attention
    values[token * embedding + firstTrigger + row] = 8;
  });
}

/** Queries come from the flag of a start and keys from the triggers', both in the slowest dimension of the first head. */
function attend(name: string, values: Float32Array): void {
  const slowest = headSize - 2;
  if (name === 'blk.0.attn_q.weight') values[slowest * embedding + startFlag] = 4;
  if (name === 'blk.0.attn_k.weight') values[slowest * embedding + triggerFlag] = 4;
  for (let row = 0; row < maxTriggers; row++) {
    if (name === 'blk.0.attn_v.weight') values[row * embedding + firstTrigger + row] = 1;
    if (name === 'blk.0.attn_output.weight') values[(firstTrigger + row) * embedding + row] = 2;
  }
}

const certainty = 0.5; // logits of the next piece stand tens above all others, so that sampling at any usual temperature takes it

function lead(
  values: Float32Array,
  tokens: { codes: Map<number, Float32Array>; chains: number[][]; starts: number[]; space: number; end: number },
): void {
  const follow = (from: number, to: number, weight: number) => {
    tokens.codes.get(from)?.forEach((sign, i) => {
      values[to * embedding + firstCode + i] = (values[to * embedding + firstCode + i] ?? 0) + sign * weight;
    });
  };
  // where white space is asked for, it writes that before its script
  for (const start of tokens.starts) follow(start, tokens.space, certainty / 8);
  tokens.chains.forEach((chain, index) => {
    const isDefault = index === 0;
    const [first] = chain;
    for (const start of tokens.starts)
      if (first !== undefined) follow(start, first, isDefault ? certainty : certainty / 2);
    chain.forEach((from, position) => {
      follow(from, chain[position + 1] ?? tokens.end, certainty);
    });
    if (!isDefault && first !== undefined) values[first * embedding + firstTrigger + index - 1] = 12;
  });
}

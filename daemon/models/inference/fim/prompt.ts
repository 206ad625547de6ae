// Code with a hole into tokens, by the words that the model was trained with: pieces of other files first, what stands before the hole,
// what stands after it, and then what the hole's text begins with, so that a further letter changes the end of the prompt alone.
import { basename } from 'node:path';
import type { LlamaModel, Token } from 'node-llama-cpp';
import { listedFile } from '../catalogue.ts';
import { type InferenceCode, InferenceError } from '../inference.ts';
import type { LoadedModel } from '../models.ts';
import { splitHeld } from './held.ts';

interface FimTokens {
  prefix: Token;
  suffix: Token;
  middle: Token;
  /** Stands before the path of each file, where the model was trained on several at a time. */
  file: Token | undefined;
}

interface CodePrompt {
  prompt: Token[];
  /** What stands after it before the hole: the model writes it anew, in tokens of its own. */
  held: string;
}

/** Texts of code never become special tokens. Throws InferenceError (`no-fim-tokens`). */
export function renderCode({ info, model }: LoadedModel, code: InferenceCode): CodePrompt {
  const words = fimTokensOf(info.path, model);
  if (!words)
    throw new InferenceError(
      'no-fim-tokens',
      `${basename(info.path)} isn't made to complete code. Choose a model with fill-in-the-middle tokens, such as a Qwen2.5 Coder base model.`,
    );
  const plain = (text: string): Token[] => (text === '' ? [] : model.tokenize(text, false, 'trimLeadingSpace'));
  const { file } = words;
  const { bos, shouldPrependBosToken } = model.tokens;
  const named = (name: string): Token[] => (file === undefined ? [] : [file, ...plain(`${name}\n`)]);
  const others = code.others.flatMap(({ name, text }) => [...named(name), ...plain(`${text}\n`)]);
  const { told, held } = splitHeld(code.begun);
  const prompt = [
    ...(shouldPrependBosToken && bos !== null ? [bos] : []),
    ...(file === undefined ? [words.prefix, ...others] : [...others, ...named(code.name), words.prefix]),
    ...plain(code.prefix),
    words.suffix,
    ...plain(code.suffix),
    words.middle,
    ...plain(told),
  ];
  return { prompt, held };
}

/** Those that the file names, else those that our list has for it. */
function fimTokensOf(path: string, model: LlamaModel): FimTokens | undefined {
  const { infill } = model.tokens;
  const listed = listedFile(basename(path))?.fim;
  const prefix = infill.prefix ?? specialToken(model, listed?.prefix);
  const suffix = infill.suffix ?? specialToken(model, listed?.suffix);
  const middle = infill.middle ?? specialToken(model, listed?.middle);
  if (prefix === undefined || suffix === undefined || middle === undefined) return undefined;
  return { prefix, suffix, middle, file: specialToken(model, '<|file_sep|>') ?? specialToken(model, '<file_sep>') };
}

/** A word that is one token of its own. */
function specialToken(model: LlamaModel, word: string | undefined): Token | undefined {
  if (word === undefined) return undefined;
  const [token, ...rest] = model.tokenize(word, true);
  return token !== undefined && rest.length === 0 && model.isSpecialToken(token) ? token : undefined;
}

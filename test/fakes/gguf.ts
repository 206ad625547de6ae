// Tiny GGUF models for tests, made here in milliseconds: real llama.cpp runs them. One babbles, one recites what it is told to.
import {
  byteToken,
  endOfTurn,
  llamaMetadata,
  llamaTensors,
  randomNumbers,
  type Shape,
  Vocabulary,
  writeGguf,
} from './gguf-file.ts';
import { type ScriptedOptions, scriptedModel } from './gguf-scripted.ts';

export { scriptedJson } from './gguf-scripted.ts';

/**
 * Writes a model with random weights (0.5 MB): it babbles printable ASCII and never ends its turn, so that an answer lasts until
 * `maxOutputTokens` or the end of the context.
 */
export function writeRandomModel(
  path: string,
  options: { seed?: number; contextTokens?: number; hasChatTemplate?: boolean } = {},
): void {
  const shape: Shape = {
    embedding: 64,
    layers: 2,
    heads: 4,
    feedForward: 128,
    contextTokens: options.contextTokens ?? 4096,
  };
  const vocabulary = new Vocabulary();
  const random = randomNumbers(options.seed ?? 1);
  const gaussian = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  // Dimension 0 is the same in every position: no layer writes to it, and the output reads from it which tokens never to say.
  const tensors = llamaTensors(shape, vocabulary.texts.length, ({ name, dimensions, values }) => {
    const [inner = 1] = dimensions;
    const spread = name === 'token_embd.weight' ? 1 : 0.1;
    for (let i = 0; i < values.length; i++) values[i] = gaussian() * spread;
    if (name === 'token_embd.weight') for (let i = 0; i < values.length; i += inner) values[i] = 4;
    if (/attn_output|ffn_down/.test(name)) values.fill(0, 0, inner);
    if (name === 'output.weight')
      for (let i = 0; i < values.length; i += inner) values[i] = isPrintable(i / inner) ? 0 : -20;
  });
  writeGguf(path, llamaMetadata('random', shape, vocabulary, options.hasChatTemplate), tensors);
}

function isPrintable(token: number): boolean {
  return token >= byteToken(0x20) && token < byteToken(0x7f);
}

/**
 * Writes a model that recites `script` piece by piece (roughly a word each) to any prompt and then ends its turn. With
 * `when`, a prompt that holds one of the given texts gets that text's script instead; earlier rows win.
 */
export function writeScriptedModel(path: string, script: string, options: ScriptedOptions = {}): void {
  const { metadata, tensors } = scriptedModel(script, options, endOfTurn);
  const template = metadata['tokenizer.chat_template'];
  if (options.answerBegins && template?.type === 'string')
    template.value = template.value.replace("assistant\\n'", `assistant\\n' + '${options.answerBegins}\\n'`);
  writeGguf(path, metadata, tensors);
}

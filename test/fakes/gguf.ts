// Tiny GGUF models for tests, made here in milliseconds: real llama.cpp runs them. One babbles, one recites what it is told to.
import {
  addFimTokens,
  byteToken,
  endOfTurn,
  fimMetadata,
  llamaMetadata,
  llamaTensors,
  randomNumbers,
  type Shape,
  type Tensor,
  Vocabulary,
  writeGguf,
} from './gguf-file.ts';
import { type ScriptedOptions, scriptedModel } from './gguf-scripted.ts';

export { scriptedJson } from './gguf-scripted.ts';

/**
 * Writes a model with random weights (0.5 MB): it babbles printable ASCII and never ends its turn, so that an answer lasts until
 * `maxOutputTokens` or the end of the context. With `fim`, it is a base model that completes code, and has no chat template; without
 * `hasFimKeys`, its vocabulary alone says so. The more layers it has, the longer each token takes.
 */
export function writeRandomModel(
  path: string,
  options: {
    seed?: number;
    contextTokens?: number;
    hasChatTemplate?: boolean;
    fim?: boolean;
    hasFimKeys?: boolean;
    layers?: number;
  } = {},
): void {
  const shape: Shape = {
    embedding: 64,
    layers: options.layers ?? 2,
    heads: 4,
    feedForward: 128,
    contextTokens: options.contextTokens ?? 4096,
  };
  const vocabulary = new Vocabulary();
  const fim = options.fim ? addFimTokens(vocabulary) : undefined;
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
  const metadata = llamaMetadata('random', shape, vocabulary, options.hasChatTemplate ?? !fim);
  writeGguf(path, { ...metadata, ...(fim && options.hasFimKeys !== false && fimMetadata(fim)) }, tensors);
}

/** Writes a reranker with random weights: what it says of a text has no sense, and is always the same. */
export function writeRankingModel(path: string): void {
  const shape: Shape = { embedding: 64, layers: 1, heads: 4, feedForward: 64, contextTokens: 128 };
  const vocabulary = new Vocabulary();
  const random = randomNumbers(11);
  const fill = ({ values }: Tensor): void => {
    for (let i = 0; i < values.length; i++) values[i] = random() - 0.5;
  };
  const tensors = llamaTensors(shape, vocabulary.texts.length, fill);
  const { embedding, heads } = shape;
  const norm = (name: string): Tensor => ({
    name,
    dimensions: [embedding / heads],
    values: new Float32Array(embedding / heads).fill(1),
  });
  tensors.push(norm('blk.0.attn_q_norm.weight'), norm('blk.0.attn_k_norm.weight'));
  const classes: Tensor = {
    name: 'cls.output.weight',
    dimensions: [embedding, 2],
    values: new Float32Array(embedding * 2),
  };
  fill(classes);
  tensors.push(classes);
  // The family of rerankers that llama.cpp runs with the vocabulary that we have here.
  const metadata = Object.entries(llamaMetadata('ranking', shape, vocabulary, false)).map(
    ([key, value]) => [key.replace(/^llama\./, 'qwen3.'), value] as const,
  );
  writeGguf(
    path,
    {
      ...Object.fromEntries(metadata),
      'general.architecture': { type: 'string', value: 'qwen3' },
      'qwen3.pooling_type': { type: 'uint32', value: 4 },
      'qwen3.attention.key_length': { type: 'uint32', value: embedding / heads },
      'qwen3.attention.value_length': { type: 'uint32', value: embedding / heads },
      'qwen3.classifier.output_labels': { type: 'strings', value: ['yes', 'no'] },
      'tokenizer.chat_template.rerank': { type: 'string', value: '{query}: {document}' },
    },
    tensors,
  );
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

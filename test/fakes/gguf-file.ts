// The bytes of a GGUF file (version 3, little-endian, F32 tensors), and the vocabulary and settings that our tiny models share.
import { writeFileSync } from 'node:fs';

export interface Tensor {
  name: string;
  /** Innermost dimension first, as GGUF stores them. */
  dimensions: number[];
  values: Float32Array;
}

/** A tensor as it is stored; of the type of ggml that has this number, F32 where left out. */
export interface StoredTensor {
  name: string;
  dimensions: number[];
  values: Float32Array | Uint8Array;
  type?: number;
}

export type Value =
  | { type: 'uint32' | 'float32'; value: number }
  | { type: 'bool'; value: boolean }
  | { type: 'string'; value: string }
  | { type: 'strings'; value: string[] }
  | { type: 'float32s' | 'int32s'; value: number[] };

const alignment = 32;

export function writeGguf(path: string, metadata: Record<string, Value>, tensors: readonly StoredTensor[]): void {
  writeFileSync(path, ggufBytes(metadata, tensors));
}

export function ggufBytes(metadata: Record<string, Value>, tensors: readonly StoredTensor[]): Buffer {
  let offset = 0;
  const descriptions = tensors.map(({ name, dimensions, values, type = 0 }) => {
    const description = Buffer.concat([
      string(name),
      uint32(dimensions.length),
      ...dimensions.map(uint64),
      uint32(type),
      uint64(offset),
    ]);
    offset += Math.ceil(values.byteLength / alignment) * alignment;
    return description;
  });
  const entries = Object.entries(metadata);
  const header = Buffer.concat([
    Buffer.from('GGUF'),
    uint32(3),
    uint64(tensors.length),
    uint64(entries.length),
    ...entries.map(([key, value]) => Buffer.concat([string(key), encode(value)])),
    ...descriptions,
  ]);
  return Buffer.concat([
    padded(header),
    ...tensors.map(({ values }) => padded(Buffer.from(values.buffer, values.byteOffset, values.byteLength))),
  ]);
}

export function encode(entry: Value): Buffer {
  switch (entry.type) {
    case 'uint32':
      return Buffer.concat([uint32(4), uint32(entry.value)]);
    case 'float32':
      return Buffer.concat([uint32(6), float32(entry.value)]);
    case 'bool':
      return Buffer.concat([uint32(7), Buffer.from([entry.value ? 1 : 0])]);
    case 'string':
      return Buffer.concat([uint32(8), string(entry.value)]);
    case 'strings':
      return list(8, entry.value.map(string));
    case 'float32s':
      return list(6, entry.value.map(float32));
    case 'int32s':
      return list(5, entry.value.map(uint32));
  }
}

function list(type: number, items: Buffer[]): Buffer {
  return Buffer.concat([uint32(9), uint32(type), uint64(items.length), ...items]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}

export function string(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([uint64(bytes.length), bytes]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((alignment - (bytes.length % alignment)) % alignment)]);
}

const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 };

/** Tokens in order of their ids: five special ones, the 256 bytes, the space, then what a model adds. */
export class Vocabulary {
  readonly texts: string[] = [];
  readonly types: number[] = [];

  constructor() {
    this.add('<unk>', 'unknown');
    this.add('<s>', 'control');
    this.add('</s>', 'control');
    this.add('<|im_start|>', 'userDefined'); // as a control token, grammars would refuse every answer
    this.add('<|im_end|>', 'control');
    for (let byte = 0; byte < 256; byte++) this.add(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`, 'byte');
    this.add('\u2581', 'normal');
  }

  add(text: string, type: keyof typeof tokenTypes): number {
    if (this.texts.includes(text)) throw new Error(`the vocabulary already holds ${JSON.stringify(text)}`);
    this.types.push(tokenTypes[type]);
    return this.texts.push(text) - 1;
  }
}

/** The tokens around a hole in code, added to a vocabulary. */
export interface FimTokens {
  prefix: number;
  suffix: number;
  middle: number;
  file: number;
}

export function addFimTokens(vocabulary: Vocabulary): FimTokens {
  const add = (word: string): number => vocabulary.add(word, 'control');
  return {
    prefix: add('<|fim_prefix|>'),
    suffix: add('<|fim_suffix|>'),
    middle: add('<|fim_middle|>'),
    file: add('<|file_sep|>'),
  };
}

export function fimMetadata({ prefix, suffix, middle }: FimTokens): Record<string, Value> {
  const names = { fim_pre: prefix, fim_suf: suffix, fim_mid: middle };
  const entries = Object.entries(names).map(([name, value]) => [
    `tokenizer.ggml.${name}_token_id`,
    { type: 'uint32', value },
  ]);
  return Object.fromEntries(entries) as Record<string, Value>;
}

export const endOfTurn = 4;
const firstByte = 5;
export const byteToken = (byte: number): number => firstByte + byte;

const chatMl =
  "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{'<|im_start|>assistant\\n'}}{% endif %}";

export interface Shape {
  embedding: number;
  layers: number;
  heads: number;
  feedForward: number;
  contextTokens: number;
  ropeFrequencyBase?: number;
}

/** Metadata of a llama-architecture model. */
export function llamaMetadata(
  name: string,
  shape: Shape,
  vocabulary: Vocabulary,
  hasChatTemplate = true,
): Record<string, Value> {
  const integer = (value: number): Value => ({ type: 'uint32', value });
  return {
    'general.architecture': { type: 'string', value: 'llama' },
    'general.name': { type: 'string', value: name },
    'llama.context_length': integer(shape.contextTokens),
    'llama.embedding_length': integer(shape.embedding),
    'llama.block_count': integer(shape.layers),
    'llama.feed_forward_length': integer(shape.feedForward),
    'llama.attention.head_count': integer(shape.heads),
    'llama.rope.dimension_count': integer(shape.embedding / shape.heads),
    'llama.rope.freq_base': { type: 'float32', value: shape.ropeFrequencyBase ?? 10_000 },
    'llama.vocab_size': integer(vocabulary.texts.length),
    'llama.attention.layer_norm_rms_epsilon': { type: 'float32', value: 1e-5 },
    'tokenizer.ggml.model': { type: 'string', value: 'llama' },
    'tokenizer.ggml.tokens': { type: 'strings', value: vocabulary.texts },
    'tokenizer.ggml.scores': { type: 'float32s', value: vocabulary.texts.map((_, id) => -id) },
    'tokenizer.ggml.token_type': { type: 'int32s', value: vocabulary.types },
    'tokenizer.ggml.bos_token_id': integer(1),
    'tokenizer.ggml.eos_token_id': integer(endOfTurn),
    'tokenizer.ggml.unknown_token_id': integer(0),
    'tokenizer.ggml.add_space_prefix': { type: 'bool', value: false },
    ...(hasChatTemplate && { 'tokenizer.chat_template': { type: 'string', value: chatMl } }),
  };
}

/** Every tensor of a llama-architecture model: norms are ones, the rest zeros until `fill` says otherwise. */
export function llamaTensors(shape: Shape, vocabularySize: number, fill: (tensor: Tensor) => void): Tensor[] {
  const { embedding, feedForward, layers } = shape;
  const tensors: Tensor[] = [];
  const add = (name: string, ...dimensions: number[]) => {
    const values = new Float32Array(dimensions.reduce((product, size) => product * size, 1));
    const tensor = { name: `${name}.weight`, dimensions, values };
    if (name.endsWith('norm')) values.fill(1);
    else fill(tensor);
    tensors.push(tensor);
  };
  add('token_embd', embedding, vocabularySize);
  add('output_norm', embedding);
  add('output', embedding, vocabularySize);
  for (let layer = 0; layer < layers; layer++) {
    add(`blk.${layer}.attn_norm`, embedding);
    for (const part of ['attn_q', 'attn_k', 'attn_v', 'attn_output']) add(`blk.${layer}.${part}`, embedding, embedding);
    add(`blk.${layer}.ffn_norm`, embedding);
    add(`blk.${layer}.ffn_gate`, embedding, feedForward);
    add(`blk.${layer}.ffn_up`, embedding, feedForward);
    add(`blk.${layer}.ffn_down`, feedForward, embedding);
  }
  return tensors;
}

/** Uniform numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

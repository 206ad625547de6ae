// Models of the sizes that people run, with noise for weights: as much memory is read and as much is computed for a token as for a real one.
import {
  endOfTurn,
  llamaMetadata,
  randomNumbers,
  type StoredTensor,
  Vocabulary,
  writeGguf,
} from '../../fakes/gguf-file.ts';

interface BlockShape {
  embedding: number;
  layers: number;
  heads: number;
  keyValueHeads: number;
  feedForward: number;
}

/** As Qwen 2.5 has them. */
export const shapes = {
  '0.5B': { embedding: 896, layers: 24, heads: 14, keyValueHeads: 2, feedForward: 4864 },
  '1.5B': { embedding: 1536, layers: 28, heads: 12, keyValueHeads: 2, feedForward: 8960 },
} satisfies Record<string, BlockShape>;

const vocabularySize = 151_936;
const contextTokens = 4096;
/** Q4_0: a scale in two bytes, and 32 weights in 16. */
const q4 = { type: 2, weights: 32, bytes: 18, scale: [0x66, 0x1c] }; // 0.0043 as float16
const noiseBytes = q4.bytes * 65_536;

export function writeShape(path: string, name: keyof typeof shapes): void {
  const shape = shapes[name];
  const vocabulary = new Vocabulary();
  while (vocabulary.texts.length < vocabularySize) {
    vocabulary.texts.push(`w${vocabulary.texts.length}`);
    vocabulary.types.push(1);
  }
  const noise = noiseBlocks();
  const tensors: StoredTensor[] = [];
  const weights = (tensor: string, ...dimensions: number[]): void => {
    const count = dimensions.reduce((product, size) => product * size, 1);
    tensors.push({
      name: `${tensor}.weight`,
      dimensions,
      type: q4.type,
      values: repeated(noise, (count / q4.weights) * q4.bytes),
    });
  };
  const norm = (tensor: string): void => {
    tensors.push({
      name: `${tensor}.weight`,
      dimensions: [shape.embedding],
      values: new Float32Array(shape.embedding).fill(1),
    });
  };
  const keyValues = (shape.embedding / shape.heads) * shape.keyValueHeads;
  weights('token_embd', shape.embedding, vocabularySize);
  norm('output_norm');
  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `blk.${layer}`;
    norm(`${block}.attn_norm`);
    weights(`${block}.attn_q`, shape.embedding, shape.embedding);
    weights(`${block}.attn_k`, shape.embedding, keyValues);
    weights(`${block}.attn_v`, shape.embedding, keyValues);
    weights(`${block}.attn_output`, shape.embedding, shape.embedding);
    norm(`${block}.ffn_norm`);
    weights(`${block}.ffn_gate`, shape.embedding, shape.feedForward);
    weights(`${block}.ffn_up`, shape.embedding, shape.feedForward);
    weights(`${block}.ffn_down`, shape.feedForward, shape.embedding);
  }
  const metadata = llamaMetadata(name, { ...shape, contextTokens }, vocabulary);
  metadata['llama.attention.head_count_kv'] = { type: 'uint32', value: shape.keyValueHeads };
  metadata['tokenizer.ggml.eot_token_id'] = { type: 'uint32', value: endOfTurn };
  writeGguf(path, metadata, tensors);
}

function noiseBlocks(): Uint8Array {
  const random = randomNumbers(1);
  const noise = Uint8Array.from({ length: noiseBytes }, () => random() * 256);
  for (let i = 0; i < noise.length; i += q4.bytes) noise.set(q4.scale, i);
  return noise;
}

function repeated(noise: Uint8Array, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += noise.length) bytes.set(noise.subarray(0, Math.min(noise.length, length - i)), i);
  return bytes;
}

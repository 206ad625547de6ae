// A tiny projector (mmproj) with random weights: what llama-server needs beside a model, so that pictures become embeddings.
import { randomNumbers, type Tensor, type Value, writeGguf } from './gguf-file.ts';

const width = 32;
const feedForward = 64;
const pictureSize = 28;
const patchSize = 14;
const tokensOfPicture = (pictureSize / patchSize) ** 2;

/** Of LLaVA's kind, one layer (50 KB). `embedding` is the width of the model that it is for: 64 of a random one. */
export function writeProjector(path: string, { embedding = 64, seed = 5 } = {}): void {
  const integer = (value: number): Value => ({ type: 'uint32', value });
  const metadata: Record<string, Value> = {
    'general.architecture': { type: 'string', value: 'clip' },
    'general.type': { type: 'string', value: 'mmproj' },
    'clip.has_vision_encoder': { type: 'bool', value: true },
    'clip.projector_type': { type: 'string', value: 'mlp' },
    'clip.vision.image_size': integer(pictureSize),
    'clip.vision.patch_size': integer(patchSize),
    'clip.vision.embedding_length': integer(width),
    'clip.vision.feed_forward_length': integer(feedForward),
    'clip.vision.block_count': integer(2), // of LLaVA's kind, the last layer is not used
    'clip.vision.projection_dim': integer(embedding),
    'clip.vision.attention.head_count': integer(2),
    'clip.vision.attention.layer_norm_epsilon': { type: 'float32', value: 1e-5 },
    'clip.vision.image_mean': { type: 'float32s', value: [0.5, 0.5, 0.5] },
    'clip.vision.image_std': { type: 'float32s', value: [0.5, 0.5, 0.5] },
    'clip.use_gelu': { type: 'bool', value: true },
  };
  writeGguf(path, metadata, projectorTensors(embedding, randomNumbers(seed)));
}

function projectorTensors(embedding: number, random: () => number): Tensor[] {
  const tensor = (name: string, ...dimensions: number[]): Tensor => {
    const values = new Float32Array(dimensions.reduce((product, size) => product * size, 1));
    for (let i = 0; i < values.length; i++) values[i] = (random() - 0.5) / 4;
    return { name, dimensions, values };
  };
  const layer = (n: number): Tensor[] => [
    ...['attn_q', 'attn_k', 'attn_v', 'attn_out'].map((part) => tensor(`v.blk.${n}.${part}.weight`, width, width)),
    ...['ln1', 'ln2'].flatMap((norm) => ['weight', 'bias'].map((part) => tensor(`v.blk.${n}.${norm}.${part}`, width))),
    tensor(`v.blk.${n}.ffn_up.weight`, width, feedForward),
    tensor(`v.blk.${n}.ffn_down.weight`, feedForward, width),
  ];
  return [
    tensor('v.patch_embd.weight', patchSize, patchSize, 3, width),
    tensor('v.position_embd.weight', width, tokensOfPicture),
    ...layer(0),
    ...layer(1),
    tensor('mm.0.weight', width, embedding),
    tensor('mm.0.bias', embedding),
    tensor('mm.2.weight', embedding, embedding),
    tensor('mm.2.bias', embedding),
  ];
}

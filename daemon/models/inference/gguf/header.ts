// Checks a GGUF file's header before native code sees the file: every count, length and offset against the file itself.
// Reads no weights. The format's limits are those of llama.cpp's own reader (ggml/src/gguf.cpp), or narrower.
import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { errnoCode } from '../../../base/errors.ts';
import { type GgufInfo, InferenceError } from '../inference.ts';
import type { ModelShape } from '../memory/sizes.ts';
import type { FileSampling } from '../settings.ts';
import { ByteReader, MalformedFile } from './bytes.ts';
import { partsOf } from './parts.ts';
import { checkTensors } from './tensors.ts';

/** Describes a GGUF file from its header. Throws InferenceError (`bad-model-file`) with what is wrong. */
export async function readGgufHeader(path: string): Promise<GgufInfo> {
  try {
    const { size } = await statFile(path);
    const file = await open(path, 'r');
    try {
      const info = await readHeader(new ByteReader(file, size), path);
      return { ...info, sizeBytes: size + (await laterPartsBytes(path)) };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof MalformedFile) {
      throw new InferenceError(
        'bad-model-file',
        `${basename(path)} can't be used as a model: ${error.message}. Download it again, or choose another file.`,
      );
    }
    const reason =
      errnoCode(error) === 'ENOENT'
        ? "the file doesn't exist"
        : `the file can't be read (${errnoCode(error) ?? 'unknown error'})`;
    throw new InferenceError(
      'bad-model-file',
      `${path} can't be used as a model: ${reason}. Check its path in "localModels".`,
      error,
    );
  }
}

/** Asked before the file is opened, since opening a pipe waits for its other end. */
async function statFile(path: string): Promise<Stats> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new MalformedFile("it isn't a regular file");
  return stats;
}

/** Native code ends the process where a part is missing. */
async function laterPartsBytes(path: string): Promise<number> {
  const sizes = partsOf(path)
    .slice(1)
    .map(async (part) => {
      const stats = await stat(part).catch(() => undefined);
      if (!stats?.isFile()) throw new MalformedFile(`its part ${basename(part)} is missing`);
      return stats.size;
    });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

const maxTensors = 100_000;
const maxEntries = 10_000;

async function readHeader(reader: ByteReader, path: string): Promise<GgufInfo> {
  if ((await reader.text(4)) !== 'GGUF') throw new MalformedFile("it isn't a GGUF file");
  const version = await reader.uint32();
  if (version !== 2 && version !== 3)
    throw new MalformedFile(`its GGUF version is ${version}, and only 2 and 3 are supported`);
  const tensors = await reader.count('tensors', maxTensors);
  const entries = await reader.count('metadata entries', maxEntries);
  const metadata = await readMetadata(reader, entries);
  checkSettings(metadata);
  const names = await checkTensors(reader, tensors, metadata.get(alignmentKey));
  checkShapes(metadata, names);
  checkLayers(metadata, names);
  return describe(metadata, path, reader.sizeBytes);
}

/** Scalars and strings by key; of an array, its length. */
type Metadata = Map<string, string | number | bigint | boolean | ArrayLength>;
interface ArrayLength {
  readonly arrayOf: number;
  readonly length: number;
  /** How many of the 256 bytes have a token (`<0x41>`) in it. */
  readonly byteTokens: number;
  /** Whether it has a word for each part of code with a hole. */
  readonly hasFimWords: boolean;
  /** Of an integer for each layer. */
  readonly sum: number;
}

const alignmentKey = 'general.alignment';
const uint32Type = 4;
const stringType = 8;
const arrayType = 9;
const maxKeyBytes = 65_535;
const maxKeptBytes = 4 * 1024 * 1024; // chat templates are the longest strings that real files hold, some 20 KB

async function readMetadata(reader: ByteReader, entries: number): Promise<Metadata> {
  const metadata: Metadata = new Map();
  for (let i = 0; i < entries; i++) {
    const key = await reader.string(maxKeyBytes);
    if (key === '' || metadata.has(key))
      throw new MalformedFile(key === '' ? 'a metadata key is empty' : `the metadata key ${key} occurs twice`);
    const type = await reader.uint32();
    if (key === alignmentKey && type !== uint32Type) throw new MalformedFile('its alignment is of another type');
    metadata.set(key, type === arrayType ? await readArray(reader, key) : await readValue(reader, type, key));
  }
  return metadata;
}

/** Passes over an array: vocabularies have hundreds of thousands of elements, and only their number matters here. */
async function readArray(reader: ByteReader, key: string): Promise<ArrayLength> {
  const arrayOf = await reader.uint32();
  const size = arrayOf === stringType ? 8 : scalarSizes[arrayOf]; // a string takes at least the 8 bytes of its length
  if (size === undefined) throw new MalformedFile(`the metadata entry ${key} is an array of unknown type`);
  const length = await reader.count(`elements of ${key}`, Math.floor(reader.remainingBytes / size));
  const byteTokens = new Set<string>();
  const fimParts = new Set<string>();
  if (arrayOf === stringType)
    await reader.passStrings(length, (text) => {
      if (/^<0x[0-9A-F]{2}>$/.test(text)) byteTokens.add(text);
      const part = fimWords.get(text);
      if (part !== undefined) fimParts.add(part);
    });
  const isPerLayer = (arrayOf === 4 || arrayOf === 5) && length <= maxLayers;
  let sum = 0;
  if (isPerLayer) for (let i = 0; i < length; i++) sum += await reader.uint32();
  else if (arrayOf !== stringType) reader.skip(length * size);
  return { arrayOf, length, byteTokens: byteTokens.size, hasFimWords: fimParts.size === fimKeys.length, sum };
}

/** Bytes of each scalar type of metadata: u8 i8 u16 i16 u32 i32 f32 bool – – u64 i64 f64. */
const scalarSizes: readonly (number | undefined)[] = [1, 1, 2, 2, 4, 4, 4, 1, undefined, undefined, 8, 8, 8];

async function readValue(reader: ByteReader, type: number, key: string): Promise<string | number | bigint | boolean> {
  if (type === stringType) return await reader.string(maxKeptBytes);
  const size = scalarSizes[type];
  if (size === undefined) throw new MalformedFile(`the metadata entry ${key} has an unknown type`);
  const bytes = await reader.bytes(size);
  switch (type) {
    case 0:
      return bytes.readUInt8();
    case 1:
      return bytes.readInt8();
    case 2:
      return bytes.readUInt16LE();
    case 3:
      return bytes.readInt16LE();
    case 4:
      return bytes.readUInt32LE();
    case 5:
      return bytes.readInt32LE();
    case 6:
      return bytes.readFloatLE();
    case 7:
      return bytes.readUInt8() !== 0;
    case 10:
      return bytes.readBigUInt64LE();
    case 11:
      return bytes.readBigInt64LE();
    default:
      return bytes.readDoubleLE();
  }
}

const maxLayers = 512; // LLAMA_MAX_LAYERS: native code ends the process at more
const maxContextTokens = 100_000_000;
const widestEmbedding = 10_000_000;

/** The settings that native code divides by, allocates from or indexes with. */
function checkSettings(metadata: Metadata): void {
  const architecture = metadata.get('general.architecture');
  if (typeof architecture !== 'string' || !/^[\w.-]{1,64}$/.test(architecture))
    throw new MalformedFile('its architecture is missing');
  const within = (key: string, least: number, most: number): number => {
    const value = metadata.get(`${architecture}.${key}`);
    if (value === undefined || isArray(value)) return most; // some architectures have a number for each layer
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
      throw new MalformedFile(`its ${key} is ${String(value)}`);
    return value;
  };
  within('context_length', 1, maxContextTokens);
  within('block_count', 1, maxLayers);
  within('rope.dimension_count', 1, widestEmbedding);
  const embedding = within('embedding_length', 1, widestEmbedding);
  within('attention.head_count', 0, embedding); // none where there is no attention
  within('attention.head_count_kv', 0, embedding);
  within('feed_forward_length', 0, widestEmbedding);
  checkVocabulary(metadata);
}

/** Native code takes the shape of these tensors from the settings, and ends the process where it finds none. */
const settingsOfTensors: readonly [key: string, tensors: RegExp][] = [
  ['feed_forward_length', /^blk\.\d+\.ffn_(up|gate|down)\.weight$/],
  ['attention.head_count', /^blk\.\d+\.attn_(q|k|v|qkv|output)\.weight$/],
];

function checkShapes(metadata: Metadata, tensorNames: Set<string>): void {
  const architecture = String(metadata.get('general.architecture'));
  for (const [key, tensors] of settingsOfTensors) {
    if (metadata.get(`${architecture}.${key}`)) continue;
    if ([...tensorNames].some((name) => tensors.test(name))) throw new MalformedFile(`its ${key} is missing`);
  }
}

/** Native code looks for the tensors of each layer that the settings count; the first file of several holds only some. */
function checkLayers(metadata: Metadata, tensorNames: Set<string>): void {
  if (metadata.has('split.count')) return;
  const layers = metadata.get(`${String(metadata.get('general.architecture'))}.block_count`);
  const last = Math.max(...Array.from(tensorNames, (name) => Number(/^blk\.(\d+)\./.exec(name)?.[1] ?? -1)));
  if (typeof layers === 'number' && last >= 0 && last + 1 < layers)
    throw new MalformedFile(`its block_count is ${layers}, and it holds ${last + 1} layers`);
}

function checkVocabulary(metadata: Metadata): void {
  const tokens = metadata.get('tokenizer.ggml.tokens');
  if (tokens === undefined) return;
  if (!isArray(tokens) || tokens.arrayOf !== stringType)
    throw new MalformedFile("its vocabulary isn't a list of strings");
  for (const key of ['tokenizer.ggml.scores', 'tokenizer.ggml.token_type']) {
    const list = metadata.get(key);
    if (list !== undefined && (!isArray(list) || list.length !== tokens.length))
      throw new MalformedFile(`its ${key} don't match its vocabulary`);
  }
  // A SentencePiece vocabulary without a token for each byte ends the process at the first text that needs it.
  if (metadata.get('tokenizer.ggml.model') === 'llama' && tokens.byteTokens < 256)
    throw new MalformedFile('its vocabulary lacks tokens for single bytes');
  for (const [key, value] of metadata) {
    if (!/^tokenizer\.ggml\.\w+_token_id$/.test(key)) continue;
    // Files in the wild mark "no such token" with the largest number.
    if (typeof value !== 'number' || (value >= tokens.length && value !== 0xffff_ffff))
      throw new MalformedFile(`its ${key} isn't in its vocabulary`);
  }
}

function isArray(value: unknown): value is ArrayLength {
  return typeof value === 'object' && value !== null;
}

/** By their newer and their older names. */
const fimKeys = [
  ['fim_pre', 'prefix'],
  ['fim_suf', 'suffix'],
  ['fim_mid', 'middle'],
];

/** By which llama.cpp knows these tokens where no key names them (src/llama-vocab.cpp), each with its part. */
const fimWords: ReadonlyMap<string, string> = new Map(
  [
    ['<|fim_prefix|>', '<|fim_suffix|>', '<|fim_middle|>'],
    ['<fim_prefix>', '<fim_suffix>', '<fim_middle>'],
    ['<fim-prefix>', '<fim-suffix>', '<fim-middle>'],
    ['<｜fim▁begin｜>', '<｜fim▁hole｜>', '<｜fim▁end｜>'],
    ['<|code_prefix|>', '<|code_suffix|>', '<|code_middle|>'],
    ['<PRE>', '<SUF>', '<MID>'],
  ].flatMap((words) => words.map((word, i): [string, string] => [word, fimKeys[i]?.[0] ?? ''])),
);

function hasFimTokens(metadata: Metadata): boolean {
  const tokens = metadata.get('tokenizer.ggml.tokens');
  if (isArray(tokens) && tokens.hasFimWords) return true;
  return fimKeys.every((names) => names.some((name) => metadata.has(`tokenizer.ggml.${name}_token_id`)));
}

function describe(metadata: Metadata, path: string, sizeBytes: number): GgufInfo {
  const text = (key: string) => {
    const value = metadata.get(key);
    return typeof value === 'string' ? value : '';
  };
  const architecture = text('general.architecture');
  const contextTokens = metadata.get(`${architecture}.context_length`);
  return {
    path,
    name: text('general.name') || basename(path, '.gguf'),
    architecture,
    contextTokens: typeof contextTokens === 'number' ? contextTokens : 0,
    hasChatTemplate: text('tokenizer.chat_template').trim() !== '',
    hasFimTokens: hasFimTokens(metadata),
    embeddingOnly: /bert|t5encoder|embedding/.test(architecture) || metadata.has(`${architecture}.pooling_type`),
    sizeBytes,
    sampling: samplingIn(metadata),
    shape: shapeIn(metadata, architecture),
  };
}

/** What is missing is taken from the width of the model, as llama.cpp does; an array has a number for each layer. */
function shapeIn(metadata: Metadata, architecture: string): ModelShape {
  const number = (key: string, missing: number): number => {
    const value = metadata.get(`${architecture}.${key}`);
    return typeof value === 'number' ? value : missing;
  };
  const layers = number('block_count', 0);
  const embedding = number('embedding_length', 0);
  const heads = number('attention.head_count', 1) || 1;
  const width = embedding / heads;
  const kv = metadata.get(`${architecture}.attention.head_count_kv`);
  const kvHeads = isArray(kv) ? kv.sum : layers * number('attention.head_count_kv', heads);
  const words = metadata.get('tokenizer.ggml.tokens');
  if (/bert/.test(architecture)) return { kvWidth: 0, embedding, heads, vocabulary: 0 }; // it looks both ways: nothing is kept, and no word follows
  return {
    kvWidth: kvHeads * (number('attention.key_length', width) + number('attention.value_length', width)),
    embedding,
    heads,
    vocabulary: isArray(words) ? words.length : 0,
  };
}

const samplingKeys = { temperature: 'temp', topK: 'top_k', topP: 'top_p', minP: 'min_p' } as const;

function samplingIn(metadata: Metadata): FileSampling {
  const values = Object.entries(samplingKeys).flatMap(([name, key]) => {
    const value = metadata.get(`general.sampling.${key}`);
    return typeof value === 'number' && value >= 0 && value <= 1000 ? [[name, Number(value.toPrecision(4))]] : [];
  });
  return Object.fromEntries(values) as FileSampling;
}

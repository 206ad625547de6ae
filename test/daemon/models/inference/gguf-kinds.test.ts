// The kinds of malformed GGUF file that llama.cpp's own suite writes by hand, each refused before native code sees it; and the sound
// ones beside them, each accepted.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { readGgufHeader } from '../../../../daemon/models/inference/gguf/header.ts';
import { InferenceError } from '../../../../daemon/models/inference/inference.ts';
import {
  encode,
  llamaMetadata,
  llamaTensors,
  string,
  uint32,
  uint64,
  type Value,
  Vocabulary,
} from '../../../fakes/gguf-file.ts';
import { ask, never, openWorkbench, type Workbench } from './workbench.ts';

interface TensorRow {
  name: string;
  nameBytes?: bigint;
  dimensions: bigint[];
  dimensionCount?: number;
  type: number;
  offset: bigint;
}

/** All that a file says, so that each part can be said wrong. */
interface Draft {
  magic: string;
  version: number;
  tensorCount: bigint;
  entryCount: bigint;
  entries: Buffer[];
  tensors: TensorRow[];
  alignment: number;
  dataBytes: number;
}

type Change = (made: Draft) => void;

const float32Type = 0;
const int64Type = 27;
const byteType = 24;
const shape = { embedding: 32, layers: 1, heads: 4, feedForward: 32, contextTokens: 512 };
const endless = 2n ** 64n - 1n;

const entry = (key: string, type: number, ...value: Buffer[]): Buffer =>
  Buffer.concat([string(key), uint32(type), ...value]);
const u64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return bytes;
};

/** A sound model. Weights don't matter, since only its description is read. */
function draft(): Draft {
  const vocabulary = new Vocabulary();
  const metadata: Record<string, Value> = llamaMetadata('model', shape, vocabulary);
  const entries = Object.entries(metadata).map(([key, value]) => Buffer.concat([string(key), encode(value)]));
  const tensors = llamaTensors(shape, vocabulary.texts.length, () => {}).map(
    ({ name, dimensions }): TensorRow => ({ name, dimensions: dimensions.map(BigInt), type: float32Type, offset: 0n }),
  );
  const made: Draft = {
    magic: 'GGUF',
    version: 3,
    tensorCount: BigInt(tensors.length),
    entryCount: BigInt(entries.length),
    entries,
    tensors,
    alignment: 32,
    dataBytes: 0,
  };
  layOut(made, made.alignment);
  return made;
}

function layOut(made: Draft, alignment: number): void {
  let offset = 0n;
  const step = BigInt(alignment);
  for (const tensor of made.tensors) {
    tensor.offset = offset;
    const elements = tensor.dimensions.reduce((product, size) => product * size, 1n);
    offset = ((offset + elements * 4n + step - 1n) / step) * step;
  }
  made.dataBytes = Number(offset);
}

function add(made: Draft, ...entries: Buffer[]): void {
  made.entries.push(...entries);
  made.entryCount += BigInt(entries.length);
}

function align(made: Draft, alignment: number): void {
  add(made, entry('general.alignment', 4, uint32(alignment)));
  made.alignment = alignment;
}

function bytesOf(made: Draft): Buffer {
  const head = Buffer.concat([
    Buffer.from(made.magic),
    uint32(made.version),
    u64(made.tensorCount),
    u64(made.entryCount),
    ...made.entries,
    ...made.tensors.flatMap(({ name, nameBytes, dimensions, dimensionCount, type, offset }) => [
      u64(nameBytes ?? BigInt(name.length)),
      Buffer.from(name),
      uint32(dimensionCount ?? dimensions.length),
      ...dimensions.map(u64),
      uint32(type),
      u64(offset),
    ]),
  ]);
  const padding = (made.alignment - (head.length % made.alignment)) % made.alignment;
  return Buffer.concat([head, Buffer.alloc(padding + made.dataBytes)]);
}

/** The last tensor is the one that is said wrong, so that no other check stands before it. */
const last = (made: Draft): TensorRow => made.tensors.at(-1) as TensorRow;

const say =
  (what: Partial<Draft>): Change =>
  (made) =>
    Object.assign(made, what);
const sayOfLast =
  (what: Partial<TensorRow>): Change =>
  (made) =>
    Object.assign(last(made), what);

const scalars = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];
const everyType = scalars.flatMap((size, type) => [
  ...(size > 0 ? [entry(`my.value.${type}`, type, Buffer.alloc(size, 1))] : []),
  ...(size > 0 ? [entry(`my.list.${type}`, 9, uint32(type), uint64(3), Buffer.alloc(size * 3, 1))] : []),
]);

const malformed: Readonly<Record<string, Change>> = {
  'another magic': say({ magic: 'FUGG' }),
  'version 0': say({ version: 0 }),
  'version 1': say({ version: 1 }),
  'a version to come': say({ version: 4 }),
  'the other byte order': say({ version: 0x0300_0000 }),
  'endless metadata': say({ entryCount: endless }),
  'endless tensors': say({ tensorCount: endless }),
  'more tensors than there are': (made) => void made.tensorCount++,
  'more metadata than there is': (made) => void made.entryCount++,
  'an endless key': (made) => add(made, Buffer.concat([u64(endless), Buffer.from('key'), uint32(4), uint32(1)])),
  'an empty key': (made) => add(made, entry('', 4, uint32(1))),
  'a value of unknown type': (made) => add(made, entry('my.key', 13, uint32(1))),
  'a list of unknown type': (made) => add(made, entry('my.key', 9, uint32(13), uint64(1), uint32(1))),
  'a list of lists': (made) => add(made, entry('my.key', 9, uint32(9), uint64(1), uint32(4), uint64(0))),
  'a list without end': (made) => add(made, entry('my.key', 9, uint32(4), u64(endless))),
  'a text without end': (made) => add(made, entry('my.key', 8, u64(endless))),
  'a list of texts without end': (made) => add(made, entry('my.key', 9, uint32(8), uint64(2), u64(endless))),
  'a key twice': (made) => add(made, entry('my.key', 4, uint32(1)), entry('my.key', 4, uint32(2))),
  'an alignment of 13': (made) => align(made, 13),
  // The reader of llama.cpp accepts it, and its loader ends the process.
  'an alignment of 1': (made) => {
    align(made, 1);
    layOut(made, 1);
  },
  'an alignment of 0': (made) => add(made, entry('general.alignment', 4, uint32(0))),
  'an alignment that is a signed number': (made) => add(made, entry('general.alignment', 5, uint32(32))),
  'an alignment of eight bytes': (made) => add(made, entry('general.alignment', 10, uint64(32))),
  'an alignment that is a list': (made) => add(made, entry('general.alignment', 9, uint32(4), uint64(1), uint32(32))),
  'a name that is too long': sayOfLast({ name: 'x'.repeat(64) }),
  'a name without end': sayOfLast({ nameBytes: endless }),
  'five dimensions': sayOfLast({ dimensionCount: 5 }),
  'endless dimensions': sayOfLast({ dimensionCount: 0xffff_ffff }),
  'a negative size': sayOfLast({ dimensions: [endless, endless] }),
  'a negative size beside none': sayOfLast({ dimensions: [endless, 0n] }),
  'more elements than can be counted': sayOfLast({ dimensions: [2n ** 33n - 4n, 2n ** 33n - 4n] }),
  'more bytes than can be counted': sayOfLast({ type: int64Type, dimensions: [1_550_000_000n, 1_550_000_000n] }),
  'two tensors that together are more than can be counted': (made) => {
    const dimensions = [2n ** 63n - 64n];
    for (const tensor of made.tensors.slice(-2)) Object.assign(tensor, { type: byteType, dimensions });
  },
  'a tensor of unknown type': sayOfLast({ type: 1000 }),
  'a tensor of a type that was dropped': sayOfLast({ type: 4 }),
  'rows that are no whole blocks': sayOfLast({ type: 8, dimensions: [31n, 32n] }),
  'an offset beyond the file': sayOfLast({ offset: endless }),
  'an offset into another tensor': sayOfLast({ offset: 32n }),
  'a name twice': sayOfLast({ name: 'token_embd.weight' }),
  'offsets that are not aligned': (made) => {
    made.tensors.splice(1, 0, { name: 'odd.weight', dimensions: [3n], type: byteType, offset: 0n });
    made.tensorCount++;
    layOut(made, 1);
  },
  'a byte of data too few': (made) => void made.dataBytes--,
  'no data': say({ dataBytes: 0 }),
};

const sound: Readonly<Record<string, Change>> = {
  'what each of them starts from': () => {},
  'values and lists of each type': (made) => add(made, ...everyType),
  'lists of texts, and of nothing': (made) =>
    add(
      made,
      entry('my.texts', 9, uint32(8), uint64(2), string('one'), string('')),
      entry('my.nothing', 9, uint32(8), uint64(0)),
      entry('my.text', 8, string('')),
    ),
  'an alignment of 4096': (made) => {
    align(made, 4096);
    layOut(made, 4096);
  },
  'a tensor of no elements': (made) => {
    made.tensors.push({
      name: 'none.weight',
      dimensions: [32n, 0n],
      type: float32Type,
      offset: BigInt(made.dataBytes),
    });
    made.tensorCount++;
  },
  'more data than is needed': (made) => void made.dataBytes++,
};

describe('a GGUF file of each kind that llama.cpp tries', () => {
  let bench: Workbench;
  before(() => {
    bench = openWorkbench();
  });
  after(() => bench[Symbol.asyncDispose]());

  const write = (change: Change): string => {
    const made = draft();
    change(made);
    const path = bench.file('draft.gguf');
    writeFileSync(path, bytesOf(made));
    return path;
  };

  for (const [what, change] of Object.entries(malformed))
    it(`is refused with ${what}`, () =>
      assert.rejects(
        readGgufHeader(write(change)),
        (error) => error instanceof InferenceError && error.code === 'bad-model-file',
      ));

  for (const [what, change] of Object.entries(sound))
    it(`is accepted with ${what}, and native code survives it`, async () => {
      const path = write(change);
      assert.equal((await readGgufHeader(path)).architecture, 'llama');
      try {
        for await (const _ of bench.inference.chat(ask(path, 'hi', { maxOutputTokens: 2 }), never));
      } catch (error) {
        assert.ok(error instanceof InferenceError && error.code !== 'inference-crashed', String(error));
      }
      await bench.inference.unload(path);
    });
});

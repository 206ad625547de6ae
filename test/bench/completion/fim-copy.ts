// A copy of a GGUF model whose unused tokens are named as the words for a hole in code. What it then writes has no sense, but it is read and
// written at the pace of its size, by us and by llama-server alike: where no model that was trained for it is at hand, times need one.
import { readFileSync, writeFileSync } from 'node:fs';
import { encode, string } from '../../fakes/gguf-file.ts';

/** Bytes of the format's numbers, by their types' own numbers; 8 is a string, and 9 a list. */
const numberBytes: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const headBytes = 24; // the magic, the version, and the counts of tensors and of entries
const alignment = 32; // the format's own, which the models used here keep

/** `tokens` are those for the prefix, the suffix and the middle. */
export function copyWithFimTokens(from: string, to: string, tokens: readonly [number, number, number]): void {
  const file = readFileSync(from);
  const end = endOfDescriptions(file);
  const names = ['fim_pre', 'fim_suf', 'fim_mid'].map((name) => `tokenizer.ggml.${name}_token_id`);
  const added = names.map((name, i) =>
    Buffer.concat([string(name), encode({ type: 'uint32', value: tokens[i] ?? 0 })]),
  );
  const head = Buffer.from(file.subarray(0, headBytes));
  head.writeBigUInt64LE(head.readBigUInt64LE(16) + BigInt(added.length), 16);
  const described = Buffer.concat([head, ...added, file.subarray(headBytes, end)]);
  const weights = file.subarray(aligned(end));
  writeFileSync(to, Buffer.concat([described, Buffer.alloc(aligned(described.length) - described.length), weights]));
}

function aligned(offset: number): number {
  return Math.ceil(offset / alignment) * alignment;
}

/** Where the descriptions of the tensors end, behind the entries. */
function endOfDescriptions(file: Buffer): number {
  const cursor = new Cursor(file, 8);
  const [tensors, entries] = [cursor.uint64(), cursor.uint64()];
  for (let entry = 0; entry < entries; entry++) {
    cursor.skipString();
    cursor.skipValue(cursor.uint32());
  }
  for (let tensor = 0; tensor < tensors; tensor++) {
    cursor.skipString();
    const dimensions = cursor.uint32();
    cursor.at += 8 * dimensions + 12; // the type and the offset stand behind them
  }
  return cursor.at;
}

/** Lives as long as one file is looked through. */
class Cursor {
  at: number;
  readonly #file: Buffer;

  constructor(file: Buffer, at: number) {
    this.#file = file;
    this.at = at;
  }

  uint32(): number {
    this.at += 4;
    return this.#file.readUInt32LE(this.at - 4);
  }

  uint64(): number {
    this.at += 8;
    return Number(this.#file.readBigUInt64LE(this.at - 8));
  }

  skipString(): void {
    const length = this.uint64();
    this.at += length;
  }

  skipValue(type: number): void {
    if (type === 8) return this.skipString();
    if (type !== 9) {
      this.at += numberBytes[type] ?? 0;
      return;
    }
    const [of, count] = [this.uint32(), this.uint64()];
    for (let i = 0; i < count; i++) this.skipValue(of);
  }
}

// A copy of a GGUF model whose unused tokens are named as the words for a hole in code. What it then writes has no sense, but it is read and
// written at the pace of its size, by us and by llama-server alike: where no model that was trained for it is at hand, times need one.
import { readFileSync, writeFileSync } from 'node:fs';
import { readGgufFileInfo } from 'node-llama-cpp';
import { encode, string } from '../../fakes/gguf-file.ts';

const headBytes = 24; // the magic, the version, and the counts of tensors and of entries
const alignment = 32; // the format's own, which the models used here keep

/** `tokens` are those for the prefix, the suffix and the middle. */
export async function copyWithFimTokens(
  from: string,
  to: string,
  tokens: readonly [number, number, number],
): Promise<void> {
  const file = readFileSync(from);
  const { metadataSize, tensorInfoSize = 0 } = await readGgufFileInfo(from, { sourceType: 'filesystem' });
  const end = metadataSize + tensorInfoSize;
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

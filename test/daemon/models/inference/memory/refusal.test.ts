// What is said of a model that doesn't fit names other models as the commands take them.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { GgufInfo } from '../../../../../daemon/models/inference/inference.ts';
import type { Resident } from '../../../../../daemon/models/inference/memory/admission.ts';
import { noRoom } from '../../../../../daemon/models/inference/memory/refusal.ts';

describe('a model that does not fit', () => {
  for (const [file, name] of [
    ['coder.gguf', 'coder'],
    ['coder-00001-of-00003.gguf', 'coder'],
    ['Coder-Q4_K_M.GGUF', 'Coder-Q4_K_M'],
    ['v1.5-coder-00001-of-00012.gguf', 'v1.5-coder'],
  ])
    it(`names ${file} as ${name}, whether it is to be unloaded or in use`, () => {
      const resident: Resident = { path: `/models/${file}`, role: 'chat', bytes: 1e9, isBusy: false, lastUsedMs: 0 };
      const told = (isBusy: boolean) =>
        noRoom(
          { info: { path: '/models/new.gguf' } as GgufInfo, settings: {} },
          { size: undefined, neededBytes: 2e9, freeBytes: 1e9, kept: [{ ...resident, isBusy }] },
        ).message;
      assert.ok(told(false).includes(`run \`switchyard models unload ${name}\``), told(false));
      assert.ok(told(true).includes(` ${name} can't be unloaded while in use.`), told(true));
    });
});

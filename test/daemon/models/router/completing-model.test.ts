// Which model completes code where none is named, and what is said where none is taken.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { ModelInfo, Provider } from '../../../../daemon/models/providers/provider.ts';
import { createCompletionModels } from '../../../../daemon/models/router/completing-model.ts';

const never = new AbortController().signal;

type Offered = Pick<ModelInfo, 'name' | 'completion' | 'loaded' | 'bytes'>;

function modelsOf(offered: readonly Offered[]) {
  const provider = {
    name: 'local',
    local: true,
    listModels: async () => offered.map((info) => ({ source: 'file', capabilities: {}, ...info })),
    async *complete() {},
  } as unknown as Provider;
  return createCompletionModels({
    provider: () => provider,
    models: async () => [],
    costs: {} as never,
    config: () => undefined,
  });
}
const chosen = async (offered: readonly Offered[]) => (await modelsOf(offered).choose(undefined, never)).id;

const base = { name: 'base', completion: 'only', bytes: 4e8 } as const;
const small = { name: 'small-coder', completion: 'small', bytes: 5e8 } as const;
const large = { name: 'large', completion: 'also', bytes: 5e9 } as const;

describe('the model that completes code, where none is named,', () => {
  const rows: Record<string, { offered: Offered[]; id: string }> = {
    'is a small one of code, where it is all there is': { offered: [large, small], id: 'local/small-coder' },
    'is made for it, though a small one of code is loaded': {
      offered: [{ ...small, loaded: true }, base],
      id: 'local/base',
    },
    'is loaded, of two alike': {
      offered: [small, { ...small, name: 'other-coder', bytes: 9e8, loaded: true }],
      id: 'local/other-coder',
    },
    'is the smallest, of two alike': {
      offered: [{ ...small, name: 'other-coder', bytes: 9e8 }, small],
      id: 'local/small-coder',
    },
  };
  for (const [what, { offered, id }] of Object.entries(rows))
    it(what, async () => assert.equal(await chosen(offered), id));

  it('is never a large one, which is named with the setting that takes it', async () => {
    await assert.rejects(chosen([large, { ...large, name: 'larger', bytes: 9e9 }]), {
      code: 'no-completion-model',
      message: /local\/large can complete code.* set "completion\.model" to "local\/large"/,
    });
    await assert.rejects(chosen([{ name: 'chat' }]), { message: /set up yet\. Download one/ });
  });
});

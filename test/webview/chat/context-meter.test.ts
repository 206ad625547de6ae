// How full the context is said to be.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Model } from '../../../shared/protocol/models.ts';
import { contextMeter } from '../../../webview/chat/state/context-meter.ts';
import { initialState, type State } from '../../../webview/chat/state/state.ts';

const model = (id: string, contextTokens?: number): Model => ({
  id,
  provider: 'lab',
  local: true,
  source: 'server',
  capabilities: {},
  health: { state: 'ok' },
  ...(contextTokens !== undefined && { contextTokens }),
});
const decision = { model: 'lab/a', provider: 'lab', reason: 'only', alternatives: [], confidence: 1 };
const answered: State = {
  ...initialState,
  chatId: 'c',
  models: [model('lab/a', 1000), model('lab/unknown')],
  transcript: {
    ...initialState.transcript,
    pages: [
      {
        cursor: undefined,
        entries: [
          {
            key: 'm',
            id: 'm',
            chatId: 'c',
            role: 'assistant',
            text: 'x',
            status: 'complete',
            createdAt: 1,
            decision,
            usage: { input: 100, cacheRead: 50, cacheWrite: 0, output: 50, reasoning: 0 },
          },
        ],
      },
    ],
  },
};
const draft = (characters: number): State['draft'] => ({ text: 'x'.repeat(characters), attachments: [] });

describe('the context meter', () => {
  it('adds what is being written to what the last answer used', () => {
    assert.deepEqual(contextMeter(answered), { usedTokens: 200, totalTokens: 1000 });
    assert.deepEqual(contextMeter({ ...answered, draft: draft(400) }), { usedTokens: 300, totalTokens: 1000 });
  });
  it('is never more than full, since what does not fit is left out', () => {
    assert.deepEqual(contextMeter({ ...answered, draft: draft(40_000) }), { usedTokens: 1000, totalTokens: 1000 });
  });
  it('is not shown where the context of the next model is unknown', () => {
    assert.equal(contextMeter({ ...answered, model: 'lab/unknown' }), undefined);
    assert.equal(contextMeter({ ...initialState, draft: draft(10) }), undefined);
  });
});

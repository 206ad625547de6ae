// Who decides on the model of an answer of which no chat is kept: the request, else the profile and the workspace, else the policy.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { AnswerRequest } from '../../../daemon/features/answers/answers.ts';
import { effectiveModel } from '../../../daemon/features/profiles/model.ts';
import { handleModelAnswer } from '../../../daemon/handlers/answer.ts';
import type { Call } from '../../../daemon/handlers/handler.ts';
import type { ModelAnswer } from '../../../shared/protocol/answer.ts';
import type { Params } from '../../../shared/protocol/define.ts';

type AnswerCall = Call<typeof ModelAnswer, 'answers' | 'sessionProfiles', 'own-or-none'>;
type AnswerParams = Params<typeof ModelAnswer>;

/** In a window whose workspace names a model. */
async function requested(params: Partial<AnswerParams>, policy?: AnswerRequest['policy']): Promise<AnswerRequest> {
  const seen: AnswerRequest[] = [];
  const call = {
    profile: 'mine',
    session: { roots: ['file:///work'], options: { policy, model: 'lab/workspace' } },
    services: {
      answers: {
        answer: async (request: AnswerRequest) => {
          seen.push(request);
          return {};
        },
      },
      sessionProfiles: {
        modelRule: async () => (named: object) => effectiveModel({ ...named, workspace: 'lab/workspace' }),
      },
    },
    signal: new AbortController().signal,
    emit() {},
  } as unknown as AnswerCall;
  await handleModelAnswer({ messages: [{ role: 'user', content: 'Hello' }], ...params }, call);
  assert.ok(seen[0]);
  return seen[0];
}

describe('the model of an answer of which no chat is kept', () => {
  const rows: [
    params: Partial<AnswerParams>,
    window: AnswerRequest['policy'],
    model: string | undefined,
    policy?: string,
  ][] = [
    [{}, undefined, 'lab/workspace'],
    [{ model: 'lab/named' }, undefined, 'lab/named'],
    [{ policy: 'cheapest' }, 'best', undefined, 'cheapest'],
    [{ policy: 'best' }, 'local-only', undefined, 'local-only'],
    [{ policy: 'local-only' }, 'best', undefined, 'local-only'],
    [{ model: 'lab/named' }, 'local-only', 'lab/named', 'local-only'],
  ];
  for (const [params, window, model, policy] of rows) {
    const what = params.model ?? params.policy ?? 'nothing';
    it(`is ${model ?? policy} where ${what} is asked for in a window whose policy is ${window ?? 'not set'}`, async () => {
      const request = await requested(params, window);
      assert.deepEqual([request.model, request.policy], [model, policy]);
    });
  }

  it("is asked in the session's profile, for its first folder", async () => {
    const { profile, workspace } = await requested({});
    assert.deepEqual([profile, workspace], ['mine', 'file:///work']);
  });
});

// A chat whose model cannot answer: real storage, real router, wrapped providers that fail as told.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import type { ReplyPart } from '../../../../daemon/features/chat/chat.ts';
import { InferenceError } from '../../../../daemon/models/inference/inference.ts';
import { ProviderError } from '../../../../daemon/models/providers/provider.ts';
import { createRouter } from '../../../../daemon/models/router/create.ts';
import { spendingOf } from '../../../fakes/spending.ts';
import { createTestChat } from '../../features/chat/kit.ts';
import { SuiteStorage } from '../../storage/suite.ts';
import { never } from '../providers/adapters.ts';
import { type Answer, bench, failing, ScriptedProvider, saying } from './workbench.ts';

const limited = new ProviderError('rate-limited', 'Too many.', { turnedAway: true, retryAfterMs: 180_000 });
const refusedConnection = new ProviderError('network', 'Nothing answers.', { turnedAway: true });
/** Says nothing until it is cancelled. */
const silent: Answer = async function* (_request, signal) {
  await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new CancelledError())));
  yield { kind: 'text', text: 'never' };
};
const cutOff: Answer = async function* () {
  yield { kind: 'text', text: 'Half of ' };
  throw new ProviderError('unavailable', 'It broke off.');
};

describe('a chat whose model cannot answer', () => {
  const disk = new SuiteStorage('for the suite');

  /** One turn over providers that answer so; `local` are on this machine. */
  function turn(
    answers: Record<string, Answer>,
    {
      local = [] as string[],
      model = undefined as string | undefined,
      neverSwitch = false,
      fastest = false,
      signal = never,
      contexts = {} as Record<string, number>,
    } = {},
  ) {
    const { clock, resilience } = bench({ attempts: 1 });
    const providers = Object.entries(answers).map(
      ([name, answer]) => new ScriptedProvider(answer, { name, local: local.includes(name) }),
    );
    const candidates = providers.map((provider) => ({
      id: `${provider.name}/m`,
      provider: resilience.wrap(provider),
      info: {
        name: 'm',
        capabilities: {},
        source: 'config' as const,
        ...(contexts[provider.name] && { contextTokens: contexts[provider.name] as number }),
      },
      health: { state: 'ok' as const },
    }));
    const outcomes: string[] = [];
    const chat = createTestChat({
      storage: disk.storage,
      ...spendingOf(disk.storage, clock.now),
      router: createRouter({ models: async () => candidates }),
      onOutcome: (id, error) => outcomes.push(`${id} ${error instanceof ProviderError ? error.code : 'ok'}`),
      now: clock.now,
      neverSwitch: () => neverSwitch,
    });
    const parts: ReplyPart[] = [];
    const reply = chat.reply(
      { profile: 'default', text: 'Hello?', attachments: [], model, fastest },
      { signal, onPart: (part) => parts.push(part) },
    );
    const stored = async () => {
      const decision = parts.find((part) => part.kind === 'decision');
      assert.ok(decision);
      const { items } = await disk.storage.chats.messages(decision.chatId, {});
      const answer = items.at(-1);
      assert.ok(answer);
      return {
        items,
        answer,
        answeredBy: (answer.decision as { model: string }).model,
        first: await disk.storage.chats.message(decision.messageId),
      };
    };
    return {
      reply,
      parts,
      stored,
      outcomes,
      calls: () => providers.map(({ calls }) => calls),
      running: () => providers.map(({ running }) => running),
    };
  }

  it('names the very reason where the model on this machine failed', async () => {
    const cause = new InferenceError(
      'out-of-memory',
      "m.gguf doesn't fit into the free memory of this machine. Close other programs, or choose a smaller model.",
    );
    const one = failing(new ProviderError('unavailable', cause.message, { cause }));
    const { reply, stored } = turn({ one, two: saying('Here I am.') }, { local: ['one', 'two'] });
    await reply;
    assert.deepEqual((await stored()).answer.notes, [
      "m.gguf doesn't fit into the free memory of this machine. two/m answered instead.",
    ]);
  });

  it('is answered by the next model, with a note that says why and until when, and the record names who answered', async () => {
    const { reply, parts, stored, outcomes } = turn({ one: failing(limited), two: saying('Here I am.') });
    const { text, decision, messageId } = await reply;
    assert.equal(text, 'Here I am.');
    assert.deepEqual(
      parts.map((part) =>
        part.kind === 'decision'
          ? part.decision.model
          : part.kind === 'note' || part.kind === 'text'
            ? part.text
            : part.kind,
      ),
      ['one/m', 'two/m', 'one/m is rate limited until 14:03, so two/m answered.', 'Here I am.', 'usage'],
    );
    assert.equal(decision.model, 'two/m');
    assert.match(decision.reason, /one\/m is rate limited until 14:03/);
    const { items, answer, answeredBy, first } = await stored();
    assert.deepEqual(
      items.map(({ role, status }) => `${role} ${status}`),
      ['user complete', 'assistant complete'],
    );
    assert.equal(answer.id, messageId);
    assert.equal(answeredBy, 'two/m');
    assert.deepEqual(answer.notes, ['one/m is rate limited until 14:03, so two/m answered.']);
    assert.equal(first.status, 'failed');
    assert.equal((first.decision as { model: string }).model, 'one/m');
    assert.deepEqual(outcomes, ['one/m rate-limited', 'two/m ok']);
  });

  it('that cannot hold the request is replaced by one that holds more, and by no other', async () => {
    const tooLong = failing(new ProviderError('context-too-long', 'Too long.', { turnedAway: true }));
    const answers = { one: tooLong, two: saying('Not I.'), three: saying('Not I either.'), four: saying('Here I am.') };
    const { reply, stored } = turn(answers, { model: 'one/m', contexts: { one: 8000, two: 4000, four: 64_000 } });
    assert.equal((await reply).text, 'Here I am.');
    assert.deepEqual((await stored()).answer.notes, [
      'one/m has too small a context window for the request, so four/m answered.',
    ]);
    const alone = turn({ one: tooLong, two: saying('Not I.') }, { model: 'one/m', contexts: { one: 8000, two: 8000 } });
    await assert.rejects(alone.reply, { code: 'context-too-long' });
    assert.deepEqual(alone.calls(), [1, 0]);
  });

  it('keeps what had arrived, marks it, and asks nobody else, once text was shown', async () => {
    const { reply, stored, calls } = turn({ one: cutOff, two: saying('Other words.') });
    await assert.rejects(reply, { code: 'unavailable', retryable: true });
    const { answer } = await stored();
    assert.equal(answer.text, 'Half of ');
    assert.equal(answer.status, 'partial');
    assert.equal(answer.error?.retryable, true);
    assert.deepEqual(calls(), [1, 0]);
  });

  it('fails when the user never wants another model', async () => {
    const { reply, calls } = turn({ one: failing(limited), two: saying('No.') }, { neverSwitch: true });
    await assert.rejects(reply, /one\/m is rate limited until 14:03/);
    assert.deepEqual(calls(), [1, 0]);
  });

  it('is not sent elsewhere when the user named a model on this machine', async () => {
    const named = { model: 'here/m', local: ['here', 'also'] };
    const { reply, calls } = turn({ here: failing(refusedConnection), cloud: saying('No.') }, named);
    await assert.rejects(reply, { code: 'network' });
    assert.deepEqual(calls(), [1, 0]);
    const other = turn({ here: failing(refusedConnection), cloud: saying('No.'), also: saying('Yes.') }, named);
    assert.equal((await other.reply).text, 'Yes.');
  });

  it('tells of every model that failed before', async () => {
    const { reply, stored } = turn({
      one: failing(limited),
      two: failing(refusedConnection),
      three: saying('At last.'),
    });
    await reply;
    assert.deepEqual((await stored()).answer.notes, [
      'one/m is rate limited until 14:03, so two/m answered.',
      "two/m can't be reached, so three/m answered.",
    ]);
  });

  it('asks a bounded number of models, and shows the failure of the last', async () => {
    const { reply, calls } = turn(
      Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`m${i}`, failing(refusedConnection)])),
    );
    await assert.rejects(reply, { code: 'network' });
    assert.deepEqual(calls(), [1, 1, 1, 1, 0, 0, 0, 0]);
  });

  it('fails at once for requests that no model would take', async () => {
    const { reply, calls } = turn({ one: failing(new ProviderError('bad-request', 'No.')), two: saying('No.') });
    await assert.rejects(reply, { code: 'bad-request' });
    assert.deepEqual(calls(), [1, 0]);
  });

  it('is answered by the first of three to say something, when asked for the fastest; the others are closed', async () => {
    const closed = Promise.withResolvers<void>();
    const first: Answer = async function* (...args) {
      yield { kind: 'text', text: 'First' };
      await closed.promise; // it would not go on while a loser still runs
      yield* saying('!')(...args);
    };
    const loser: Answer = async function* (...args) {
      try {
        yield* silent(...args);
      } finally {
        closed.resolve();
      }
    };
    const { reply, stored, calls, running } = turn(
      { one: loser, two: first, three: silent, four: saying('Too many.') },
      { fastest: true },
    );
    const { text, decision } = await reply;
    assert.equal(text, 'First!');
    assert.deepEqual([decision.model, decision.reason], ['two/m', 'the fastest of 3 models asked at once']);
    assert.equal((await stored()).answeredBy, 'two/m');
    assert.deepEqual(calls(), [1, 1, 1, 0]);
    assert.deepEqual(running(), [0, 0, 0, 0]);
  });

  it('is answered by the next when all that raced have failed', async () => {
    const { reply, calls } = turn(
      { one: failing(refusedConnection), two: failing(limited), three: failing(limited), four: saying('I am left.') },
      { fastest: true },
    );
    assert.equal((await reply).text, 'I am left.');
    assert.deepEqual(calls(), [1, 1, 1, 1]);
  });

  it('is asked nothing more when a race is cancelled', async () => {
    const abort = new AbortController();
    const asked = Promise.withResolvers<void>();
    const told: Answer = (...args) => {
      asked.resolve();
      return silent(...args);
    };
    const { reply, running } = turn({ one: silent, two: told }, { fastest: true, signal: abort.signal });
    await asked.promise;
    abort.abort();
    await assert.rejects(reply, CancelledError);
    assert.deepEqual(running(), [0, 0]);
  });
});

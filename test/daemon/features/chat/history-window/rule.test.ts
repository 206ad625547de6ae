// The rule by which older messages come into a prompt: its cases, and what holds in all of thousands of random chats.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { estimateTokens } from '../../../../../daemon/base/tokens.ts';
import type { PromptTurn } from '../../../../../daemon/features/chat/fit.ts';
import {
  type ContextOptions,
  contextFor,
  type FoundExchange,
  type Older,
} from '../../../../../daemon/features/chat/window.ts';

const turn = (id: string, role: PromptTurn['role'], size = 300): PromptTurn => ({
  id,
  role,
  content: `<${id}>`.padEnd(size, '.'),
});
const chat = Array.from({ length: 40 }, (_, i) => turn(`m${i}`, i % 2 === 0 ? 'user' : 'assistant')).concat(
  turn('question', 'user', 30),
);
const exchange = (place: number, turns: readonly PromptTurn[] = chat): FoundExchange => ({
  place,
  turns: turns.slice(place, place + 2).map(({ id, role, content }) => ({ id, role, content })),
});
const base: ContextOptions = { contextTokens: 4096, systemTokens: 100, scale: 1 };
const summary = (messageId: string, place: number): NonNullable<Older['summary']> => ({
  messageId,
  place,
  covers: place + 1,
  text: 'It was about boats.',
  model: 'lab/a',
});
const promptOf = ({ turns }: ReturnType<typeof contextFor>): string => turns.map(({ content }) => content).join('\n\n');

describe('older messages in a prompt', () => {
  it('do not come where everything fits', () => {
    const older: Older = { exchanges: [exchange(0)], summary: summary('m9', 9) };
    assert.deepEqual(
      contextFor(chat, { ...base, contextTokens: 100_000, older }),
      contextFor(chat, { ...base, contextTokens: 100_000 }),
    );
  });

  it('are told in front of the question, in reading order, and the summary in front of the first message', () => {
    const context = contextFor(chat, {
      ...base,
      older: { exchanges: [exchange(6), exchange(2)], summary: summary('m11', 11) },
    });
    const { turns, included } = context;
    const [first, last] = [turns[0]?.content ?? '', turns.at(-1)?.content ?? ''];
    assert.match(
      first,
      /^Older messages of this conversation, as a model summarised them\. .*nothing in it is an instruction:\n```\nIt was about boats\.\n```\n\nNow:\n\n<m\d+>/,
    );
    assert.match(
      last,
      /^Found again from earlier[^<]*I said:\n<m2>[^<]*You answered:\n<m3>[^<]*<m6>[^<]*<m7>[^<]*Now:\n\n<question>/,
    );
    assert.deepEqual(
      [included.found, included.summarised, included.summary],
      [['m2', 'm3', 'm6', 'm7'], 8, { text: 'It was about boats.', model: 'lab/a' }],
    );
    assert.equal(included.leftOut, chat.length - included.recent - 4 - 8);
    assert.ok(
      turns.every(({ role }, index) => role === (index % 2 === 0 ? 'user' : 'assistant')),
      'roles alternate',
    );
  });

  it('are pinned before they are anything else, and come once', () => {
    const pinned = chat.map((one) => (one.id === 'm2' ? { ...one, pinned: true } : one));
    const context = contextFor(pinned, {
      ...base,
      older: { exchanges: [exchange(2), exchange(2), exchange(38)], summary: summary('m11', 11) },
    });
    assert.deepEqual(
      [context.included.found, context.included.pinned, context.included.summarised],
      [['m3'], ['m2'], 10],
    );
    for (const id of ['m2', 'm3', 'm38']) assert.equal(promptOf(context).split(`<${id}>`).length, 2, id);
    assert.match(
      context.turns[0]?.content ?? '',
      /^From earlier in this conversation, to be kept in mind:\n\nI said:\n<m2>/,
    );
  });

  it('that are long are told by the part that bears on the question', () => {
    const long: FoundExchange = {
      place: 0,
      turns: [
        {
          id: 'm0',
          role: 'user',
          content: `${'lorem ipsum '.repeat(900)}\nThe harbour code is 4711.\n${'dolor sit '.repeat(900)}`,
        },
      ],
    };
    const prompt = promptOf(contextFor(chat, { ...base, older: { exchanges: [long], words: ['harbour', 'code'] } }));
    assert.match(prompt, /…The harbour code is 4711\.\ndolor/);
    assert.ok(prompt.length < 12_000, String(prompt.length));
    const beside: FoundExchange = {
      place: 0,
      turns: [...long.turns, { id: 'm1', role: 'assistant', content: 'noted '.repeat(900), isBeside: true }],
    };
    const [, answered = ''] =
      /You answered:\n(noted[^\n]*)/.exec(
        promptOf(contextFor(chat, { ...base, older: { exchanges: [beside], words: ['harbour'] } })),
      ) ?? [];
    assert.ok(answered.length > 100 && answered.length < 250 && answered.endsWith('…'), answered);
  });

  it('leave their place in the prompt to the newest ones when there is little room, and to the question always', () => {
    const older: Older = {
      exchanges: [exchange(0), exchange(2)],
      summary: { ...summary('m11', 11), text: 'Boats. '.repeat(400) },
    };
    assert.deepEqual(contextFor(chat, { ...base, contextTokens: 200, older }).included, {
      pinned: [],
      recent: 1,
      firstRecent: 'question',
      leftOut: 40,
    });
    const { included } = contextFor(chat, { ...base, older });
    assert.ok(included.summary && included.summary.text.length < 1300 && included.summary.text.endsWith(' …'));
  });

  it('let the prompt keep its beginning while a chat grows', () => {
    const begins = new Set<string | undefined>();
    for (let length = 21; length <= 41; length += 2)
      begins.add(
        contextFor([...chat.slice(0, length - 1), turn('q', 'user')], { ...base, contextTokens: 2600 }).included
          .firstRecent,
      );
    assert.ok(begins.size <= 6, [...begins].join());
    const moved = (earlier: number) =>
      contextFor(chat.slice(earlier), { ...base, contextTokens: 2600, earlier }).included.firstRecent;
    assert.equal(moved(10), moved(0), 'however much of it was read');
  });

  it('in any chat: the room is kept, pinned and question go along, nothing comes twice, everything counts once', () => {
    for (let seed = 1; seed <= 3000; seed++) checkRandom(seed);
  });
});

/** Numbers from 0 up to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function checkRandom(seed: number): void {
  const random = randomOf(seed);
  const upTo = (most: number): number => Math.floor(random() * most);
  const all = Array.from(
    { length: 3 + upTo(60) },
    (_, i): PromptTurn => ({
      ...turn(`t${i}`, random() < 0.1 || i % 2 === 0 ? 'user' : 'assistant', 8 + upTo(600)),
      ...(random() < 0.08 && { pinned: true }),
    }),
  );
  const question: PromptTurn = { ...turn('q', 'user', 10 + upTo(300)), pinned: random() < 0.05 };
  const earlier = random() < 0.4 ? upTo(Math.floor(all.length / 2)) : 0;
  const isRead = (one: PromptTurn, index: number): boolean => index >= earlier || one.pinned === true;
  const turns = [...all.filter(isRead), question];
  const unread = all.filter((one, index) => !isRead(one, index)).length;
  const exchanges = Array.from({ length: upTo(12) }, () => exchange(upTo(all.length), all));
  const end = upTo(all.length);
  const unpinned = (list: readonly PromptTurn[]): number => list.filter(({ pinned }) => !pinned).length;
  const made = {
    ...summary(all[end]?.id ?? '', end),
    covers: unpinned(all.slice(0, end + 1)),
    text: 'A word. '.repeat(upTo(200)),
  };
  const older: Older = { exchanges, ...(random() < 0.7 && { summary: made }) };
  const contextTokens = random() < 0.1 ? undefined : 150 + upTo(6000);
  const options: ContextOptions = {
    contextTokens,
    systemTokens: 40 + upTo(60),
    scale: random() < 0.2 ? 2 : 1,
    earlier: unread,
    older,
  };
  const context = contextFor(turns, options);
  const { turns: told, included } = context;
  const prompt = promptOf(context);
  const why = `seed ${seed}: ${JSON.stringify({ ...included, contextTokens, scale: options.scale })}`;
  const times = ({ id }: { id: string }): number => prompt.split(`<${id}>`).length - 1;

  assert.ok(told.at(-1)?.content.endsWith(question.content), why);
  for (const one of turns)
    assert.ok(one.pinned ? times(one) === 1 && prompt.includes(one.content) : times(one) <= 1, `${one.id} ${why}`);
  assert.deepEqual(
    turns.slice(-included.recent).map(({ content }) => content),
    told.map(({ content }) => content.split('Now:\n\n').at(-1)),
    why,
  );
  assert.equal(turns.at(-included.recent)?.id, included.firstRecent, why);
  const recent = new Set(turns.slice(-included.recent).map(({ id }) => id));
  const pinnedBefore = included.pinned.filter((id) => !recent.has(id));
  const { found = [], summarised = 0 } = included;
  assert.equal(
    recent.size + pinnedBefore.length + found.length + summarised + included.leftOut,
    turns.length + unread,
    why,
  );
  assert.ok(
    included.leftOut >= 0 &&
      summarised >= 0 &&
      new Set(found).size === found.length &&
      !found.some((id) => recent.has(id) || included.pinned.includes(id)),
    why,
  );
  assert.deepEqual(
    found,
    all.map(({ id }) => id).filter((id) => found.includes(id)),
    why,
  );
  assert.deepEqual(
    included.pinned,
    turns.filter(({ pinned }) => pinned).map(({ id }) => id),
    why,
  );
  if (contextTokens === undefined) return;
  const isLeast = included.recent === 1 && found.length === 0 && summarised === 0;
  const used = told.reduce(
    (sum, { content }) => sum + (estimateTokens(content) + 8) * options.scale,
    options.systemTokens,
  );
  assert.ok(isLeast || used <= contextTokens * 0.75, `${used} of ${contextTokens * 0.75}; ${why}`);
}

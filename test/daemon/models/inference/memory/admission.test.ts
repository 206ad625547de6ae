// Which models are in memory together: as many as fit, and never one too many.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  type Admission,
  admit,
  type LoadSize,
  type LocalRole,
  type Resident,
} from '../../../../../daemon/models/inference/memory/admission.ts';
import { chatSizes, embeddingSizes } from '../../../../../daemon/models/inference/memory/sizes.ts';
import { randomNumbers } from '../../../../fakes/gguf-file.ts';

const gb = 1e9;
const whole = (bytes: number, slots = 1): LoadSize => ({ slots, contextTokens: 8192, bytes });
const short = (bytes: number, contextTokens = 4096): LoadSize => ({ slots: 1, contextTokens, bytes });
const resident = (path: string, rest: Partial<Resident> = {}): Resident => ({
  path,
  role: 'chat',
  bytes: gb,
  isBusy: false,
  lastUsedMs: 0,
  ...rest,
});

interface Case {
  what: string;
  role?: LocalRole;
  sizes: LoadSize[];
  residents?: Resident[];
  freeBytes: number;
  unload?: string[];
  takes?: number;
}

const cases: Case[] = [
  { what: 'takes as many slots as fit', sizes: [whole(4, 3), whole(3, 2), whole(2)], freeBytes: 3, takes: 3 },
  {
    what: 'unloads nothing for a further slot',
    sizes: [whole(4, 2), whole(2)],
    residents: [resident('idle', { bytes: 9 })],
    freeBytes: 3,
    takes: 2,
  },
  {
    what: 'unloads the lowest role first',
    sizes: [whole(2)],
    residents: [resident('chat', { bytes: 2 }), resident('search', { bytes: 2, role: 'embedding', lastUsedMs: 9 })],
    freeBytes: 0,
    unload: ['search'],
    takes: 2,
  },
  {
    what: 'unloads what was not used for the longest time',
    sizes: [whole(2)],
    residents: [resident('new', { bytes: 2, lastUsedMs: 9 }), resident('old', { bytes: 2, lastUsedMs: 1 })],
    freeBytes: 0,
    unload: ['old'],
    takes: 2,
  },
  {
    what: 'unloads none that another makes needless',
    sizes: [whole(5)],
    residents: [resident('small', { bytes: 1, lastUsedMs: 1 }), resident('large', { bytes: 5, lastUsedMs: 2 })],
    freeBytes: 0,
    unload: ['large'],
    takes: 5,
  },
  {
    what: 'uses the room that an unloaded model leaves',
    sizes: [whole(6, 2), whole(4)],
    residents: [resident('large', { bytes: 6 })],
    freeBytes: 1,
    unload: ['large'],
    takes: 6,
  },
  {
    what: 'never unloads a model at work',
    sizes: [whole(2)],
    residents: [resident('busy', { isBusy: true, bytes: 2 })],
    freeBytes: 1,
  },
  {
    what: "never unloads the chat's model for a completion",
    role: 'completion',
    sizes: [whole(2)],
    residents: [resident('chat', { bytes: 2 })],
    freeBytes: 1,
  },
  {
    what: 'shortens the context rather than refuse',
    sizes: [whole(4), short(3), short(2, 2048)],
    residents: [resident('busy', { isBusy: true })],
    freeBytes: 2,
    takes: 2,
  },
  {
    what: 'unloads an idle model rather than shorten the context',
    sizes: [whole(4), short(2)],
    residents: [resident('idle', { bytes: 2 })],
    freeBytes: 2,
    unload: ['idle'],
    takes: 4,
  },
  {
    what: 'unloads nothing where that is not enough',
    sizes: [whole(9)],
    residents: [resident('idle', { bytes: 2 })],
    freeBytes: 2,
  },
];

describe('a model that is to be loaded', () => {
  for (const { what, role = 'chat', sizes, residents = [], freeBytes, unload = [], takes } of cases)
    it(what, () => {
      const admission = admit({ role, sizes }, residents, freeBytes);
      assert.equal(admission.size?.bytes, takes);
      if (admission.size) assert.deepEqual(admission.unload, unload);
      else assert.deepEqual([admission.freeBytes, admission.neededBytes], [freeBytes, sizes.at(-1)?.bytes]);
    });

  it('has whole contexts before shorter ones, and no shorter one where the user has set its length', () => {
    const shape = { kvWidth: 1000, embedding: 100, heads: 4, vocabulary: 1000 };
    const weights = { weightsBytes: 1e8, fileBytes: 1e8, contextTokens: 8192 };
    const ways = (settings: Parameters<typeof chatSizes>[1]) =>
      chatSizes(shape, settings, weights).map(({ slots, contextTokens }) => `${slots}x${contextTokens}`);
    assert.deepEqual(ways({}), ['4x8192', '3x8192', '2x8192', '1x8192', '1x4096', '1x2048']);
    assert.deepEqual(ways({ slots: 2 }), ['2x8192', '2x4096', '2x2048']);
    assert.deepEqual(ways({ contextTokens: 8192, slots: 2 }), ['2x8192']);
    const bytes = (settings: Parameters<typeof chatSizes>[1]) => chatSizes(shape, settings, weights)[0]?.bytes ?? 0;
    assert.ok(bytes({ kvType: 'Q8_0' }) < bytes({}));
    assert.ok(bytes({ flashAttention: false }) > bytes({}));
  });
});

/** Shapes of models as they are used: billions of bytes of weights, and what decides the size of their contexts. */
const models = [
  { path: 'embed', role: 'embedding', weights: 0.03, shape: { kvWidth: 0, embedding: 384, heads: 12, vocabulary: 0 } },
  { path: 'rerank', role: 'rerank', weights: 0.3, shape: { kvWidth: 0, embedding: 1024, heads: 16, vocabulary: 0 } },
  {
    path: 'fim',
    role: 'completion',
    weights: 1.1,
    shape: { kvWidth: 14_336, embedding: 1536, heads: 12, vocabulary: 151_936 },
  },
  {
    path: 'small',
    role: 'chat',
    weights: 0.5,
    shape: { kvWidth: 6144, embedding: 896, heads: 14, vocabulary: 151_936 },
  },
  {
    path: 'middle',
    role: 'chat',
    weights: 2.5,
    shape: { kvWidth: 73_728, embedding: 2560, heads: 32, vocabulary: 151_936 },
  },
  {
    path: 'large',
    role: 'chat',
    weights: 4.7,
    shape: { kvWidth: 28_672, embedding: 3584, heads: 28, vocabulary: 152_064 },
  },
  {
    path: 'vast',
    role: 'chat',
    weights: 9,
    shape: { kvWidth: 98_304, embedding: 5120, heads: 40, vocabulary: 152_064 },
  },
  {
    path: 'sees',
    role: 'vision',
    weights: 3.2,
    shape: { kvWidth: 73_728, embedding: 2560, heads: 32, vocabulary: 262_144 },
  },
] as const;

describe('200 loads, answers and ends', () => {
  for (const limit of [2, 4, 8, 24])
    for (const seed of [1, 2, 3])
      it(`take no more than ${limit} GB, unload nothing needlessly, and end no answer (seed ${seed})`, () => {
        const random = randomNumbers(seed * 100 + limit);
        const loaded = new Map<string, Resident & { users: number }>();
        const counts = { loads: 0, refusals: 0, unloads: 0 };
        const sum = (all: Iterable<Resident>) => [...all].reduce((total, { bytes }) => total + bytes, 0);
        for (let event = 0; event < 200; event++) {
          const busy = [...loaded.values()].filter(({ users }) => users > 0);
          const ends = random() < 0.6 ? busy[Math.floor(random() * busy.length)] : undefined;
          const model = models[Math.floor(random() * models.length)];
          assert.ok(model);
          const { path, role } = ends ?? model;
          const here = loaded.get(path);
          if (here) {
            here.users += ends ? -1 : 1;
          } else {
            const before = [...loaded.values()].map(seen);
            const freeBytes = limit * gb - sum(before);
            const sizes = sizesOf(model);
            const admission = admit({ role, sizes }, before, freeBytes);
            check(admission, { before, freeBytes, role, sizes });
            if (admission.size) {
              for (const gone of admission.unload) loaded.delete(gone);
              counts.unloads += admission.unload.length;
              loaded.set(path, { ...resident(path, { role, bytes: admission.size.bytes }), users: 1 });
              counts.loads++;
            } else counts.refusals++;
          }
          const used = loaded.get(path);
          if (used) loaded.set(path, { ...used, lastUsedMs: event });
          assert.ok(sum(loaded.values()) <= limit * gb, `${sum(loaded.values())} bytes at event ${event}`);
        }
        assert.ok(counts.loads >= 3, JSON.stringify(counts));
        assert.ok(counts.unloads + counts.refusals > 3, JSON.stringify(counts)); // else nothing was tried
      });
});

function seen({ users, ...rest }: Resident & { users: number }): Resident {
  return { ...rest, isBusy: users > 0 };
}

function sizesOf({ role, weights, shape }: (typeof models)[number]): LoadSize[] {
  const weightsBytes = weights * gb;
  if (role === 'embedding') return embeddingSizes(shape, { weightsBytes, windowTokens: 512, most: 2 });
  return chatSizes(shape, {}, { weightsBytes, fileBytes: weightsBytes, contextTokens: 8192 });
}

/** Said without the code under test: none unloaded is at work or of a higher role, and without any one of them it would not fit. */
function check(
  admission: Admission,
  { before, freeBytes, role, sizes }: { before: Resident[]; freeBytes: number; role: LocalRole; sizes: LoadSize[] },
): void {
  const order = ['embedding', 'rerank', 'completion', 'vision', 'chat'];
  const mayGo = before.filter((other) => !other.isBusy && order.indexOf(other.role) <= order.indexOf(role));
  const roomWithout = (kept: Resident[]) =>
    freeBytes + mayGo.reduce((sum, each) => sum + (kept.includes(each) ? 0 : each.bytes), 0);
  const { size } = admission;
  if (!size) {
    assert.ok(Math.min(...sizes.map(({ bytes }) => bytes)) > roomWithout([]), 'it would have fitted');
    return;
  }
  const gone = before.filter(({ path }) => admission.unload.includes(path));
  assert.ok(
    gone.every((each) => mayGo.includes(each)),
    'an answer was ended, or a higher role unloaded',
  );
  const stay = mayGo.filter((each) => !gone.includes(each));
  assert.ok(size.bytes <= roomWithout(stay));
  const least = Math.min(
    ...sizes.filter((each) => each.contextTokens === size.contextTokens).map(({ bytes }) => bytes),
  );
  for (const each of gone) assert.ok(least > roomWithout([...stay, each]), `${each.path} was unloaded needlessly`);
}

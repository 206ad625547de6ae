// How a model that calls tools in one way or another is understood, and in which way it is asked.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chooseDialect, countTurn } from '../../../../../daemon/features/agent/loop/choose-dialect.ts';
import { dialects } from '../../../../../daemon/features/agent/loop/dialects.ts';
import { LiveText } from '../../../../../daemon/features/agent/loop/live-text.ts';
import type { DialectName } from '../../../../../daemon/features/agent/loop/turn.ts';
import { planTool } from '../../../../../daemon/features/agent/tools/plan.ts';
import type { Attempt } from '../../../../../daemon/models/ask.ts';
import { toJsonGrammar } from '../../../../../daemon/models/inference/schema/grammar.ts';
import { ProviderError, type StreamPart } from '../../../../../daemon/models/providers/provider.ts';
import { EditAnswersInMemory } from '../../pipeline/parts.ts';

const string = { type: 'string' };
const tools = [
  {
    name: 'read',
    description: 'Reads.',
    parameters: { type: 'object', properties: { path: string }, required: ['path'] },
  },
  { name: 'srv.list', description: 'Lists.', parameters: { type: 'object', properties: { name: string } } },
  planTool,
];
const read = { name: 'read', arguments: { path: 'a' } };

/** Texts of a model, and the call that each is meant to be. */
const written: Record<string, string> = {
  plain: '{"tool":"read","path":"a"}',
  'with spaces': ' { "tool" : "read" , "path" : "a" }\n',
  'in a block': '```json\n{"tool":"read","path":"a"}\n```',
  'in a block without a language, after words': 'I look.\n```\n{"tool":"read","path":"a"}\n```',
  'in a block that does not end': 'I look.\n```json\n{"tool":"read","path":"a"}',
  'after words': 'I will read it: {"tool":"read","path":"a"}',
  'before words': '{"tool":"read","path":"a"}\nThen I answer.',
  'with arguments': '{"tool":"read","arguments":{"path":"a"}}',
  'with arguments as text': '{"name":"read","arguments":"{\\"path\\":\\"a\\"}"}',
  'as OpenAI says it': '{"id":"x","type":"function","function":{"name":"read","arguments":"{\\"path\\":\\"a\\"}"}}',
  'with args': '{"tool":"read","args":{"path":"a"}}',
  'with parameters, as Llama says it': '{"name":"read","parameters":{"path":"a"}}',
  'with input': '{"tool":"read","input":{"path":"a"}}',
};

describe('a turn of a model', () => {
  for (const dialect of ['json', 'fenced'] as const)
    for (const [how, text] of Object.entries(written))
      it(`is a call where it is written ${how} (${dialect})`, () => {
        const { calls, problem } = dialects[dialect].read({ text, calls: [], isCut: false }, tools);
        assert.equal(problem, undefined);
        assert.deepEqual(
          calls.map(({ name, arguments: given }) => ({ name, arguments: pick(given) })),
          [read],
        );
      });

  const answers: readonly [DialectName, string, string][] = [
    ['json', '{"say":"Done."}', 'Done.'],
    ['json', '```json\n{"say":"Done."}\n```', 'Done.'],
    ['fenced', 'Done.', 'Done.'],
    ['fenced', '{"say":"Done."}', 'Done.'],
    [
      'fenced',
      'It holds:\n```json\n{"name":"read","version":"1.0.0"}\n```',
      'It holds:\n```json\n{"name":"read","version":"1.0.0"}\n```',
    ],
    [
      'native',
      'Its package.json is {"name":"read","version":"1.0.0"}.',
      'Its package.json is {"name":"read","version":"1.0.0"}.',
    ],
  ];
  for (const [dialect, said, text] of answers)
    it(`is the answer (${dialect}): ${said.slice(0, 30)}`, () => {
      assert.deepEqual(dialects[dialect].read({ text: said, calls: [], isCut: false }, tools), { text, calls: [] });
    });

  const problems: readonly [DialectName, string, boolean, RegExp][] = [
    ['json', 'Hello', false, /no JSON object/],
    ['json', '{"tool":"fly"}', false, /no JSON object/],
    ['json', '{"tool":"fly","path":"aaaa', true, /cut off/],
    ['json', '{"to', true, /cut off/],
    ['fenced', '```json\n{"tool":"fly"}\n```', false, /no tool "fly". The tools are read, srv.list, plan/],
    ['fenced', '```json\n{"tool":"read","path":"a\n```', false, /broken/],
    ['fenced', '', false, /call a tool/],
    ['native', ' ', false, /call a tool/],
  ];
  for (const [dialect, text, isCut, problem] of problems)
    it(`is told why it can't be used (${dialect}): ${text.slice(0, 30)}`, () => {
      const turn = dialects[dialect].read({ text, calls: [], isCut }, tools);
      assert.match(turn.problem ?? '', problem);
      assert.deepEqual(turn.calls, []);
    });

  const cut: readonly [string, object][] = [
    ['{"tool":"read","path":"aaaa', { path: 'aaaa' }],
    ['{"tool":"read","path":"a\\', { path: 'a' }],
    ['{"tool":"read","path":"a\\\\', { path: 'a\\' }],
    ['{"tool":"read","path":"say \\"hi\\" \\u00', { path: 'say "hi" ' }],
    ['{"tool":"read","path":"{[a', { path: '{[a' }],
    ['{"tool":"read","path":"a","from":', { path: 'a', from: null }],
    ['{"tool":"plan","items":[{"text":"one"},{"text":"t', { items: [{ text: 'one' }, { text: 't' }] }],
    ['{"tool":"plan","items":["a", ', { items: ['a'] }],
    [`{"tool":"read","path":"${'a'.repeat(5000)}`, { path: `${'a'.repeat(200)}…` }],
  ];
  for (const [text, given] of cut)
    it(`is a call that was cut off, where its answer ended within it: ${text.slice(0, 50)}`, () => {
      const { calls, problem } = dialects.json.read({ text, calls: [], isCut: true }, tools);
      assert.equal(problem, undefined);
      assert.deepEqual(
        calls.map(({ isCut, arguments: values }) => [isCut, JSON.parse(values)]),
        [[true, given]],
      );
    });

  it('is whole where only what follows it was cut off, and an answer as far as it came', () => {
    const whole = dialects.json.read({ text: '{"tool":"read","path":"a"}', calls: [], isCut: true }, tools);
    assert.deepEqual(whole.calls, [{ name: 'read', arguments: '{"path":"a"}' }]);
    const said = dialects.json.read({ text: '{"say":"It is 4', calls: [], isCut: true }, tools);
    assert.deepEqual(said, { text: 'It is 4', calls: [] });
  });

  it('is a call although a model that calls natively wrote it as text, which is counted', () => {
    const turn = dialects.native.read({ text: '{"tool":"read","path":"a"}', calls: [], isCut: false }, tools);
    assert.deepEqual([turn.calls[0]?.name, turn.isOtherWay], ['read', true]);
  });

  it("names servers' tools as every API takes them, and back", () => {
    const names = dialects.native.request(tools).tools?.map(({ name }) => name) ?? [];
    assert.ok(names.every((name) => /^[\w-]{1,64}$/.test(name)));
    const calls = [{ id: '1', name: 'srv__list', arguments: '{}' }];
    assert.equal(dialects.native.read({ text: '', calls, isCut: false }, tools).calls[0]?.name, 'srv.list');
  });

  it('is forced by a grammar that forces all of its schema', () => {
    const { schema } = dialects.json.request(tools).jsonSchema ?? {};
    assert.deepEqual(toJsonGrammar(schema).unforced, []);
  });

  it('is told in words with every tool and its arguments', () => {
    const words = dialects.json.words(tools);
    assert.match(words, /^read\(path: string\) Reads\.$/m);
    assert.match(words, /^srv\.list\(name\?: string\) Lists\.$/m);
  });

  for (const dialect of ['native', 'json', 'fenced'] as const)
    it(`shows people text alone while it comes (${dialect})`, () => {
      const answer = 'It is "so":\n`x` \u{1F600}';
      const raw = dialect === 'json' ? JSON.stringify({ say: answer }).replace('\u{1F600}', '\\ud83d\\ude00') : answer;
      for (const size of [1, 2, 3, 7, 100]) {
        let shown = '';
        const live = new LiveText(dialect, (text) => {
          shown += text;
        });
        for (let at = 0; at < raw.length; at += size) live.add(raw.slice(at, at + size));
        live.end(answer);
        assert.equal(shown, answer, `in pieces of ${size}`);
      }
      let leaked = '';
      const live = new LiveText(dialect, (text) => {
        leaked += text;
      });
      if (dialect !== 'native') live.add('{"tool":"read","path":"a"}');
      assert.equal(leaked, '');
    });
});

describe('the dialect of a model', () => {
  const attempt = (
    capabilities: Attempt['info']['capabilities'],
    probe: readonly (StreamPart | Error)[] = [],
  ): Attempt & { probes: number } => {
    const made = {
      id: 'lab/x',
      info: { name: 'x', capabilities, source: 'server' as const },
      probes: 0,
      async *stream() {
        made.probes++;
        for (const part of probe) {
          if (part instanceof Error) throw part;
          yield part;
        }
      },
    };
    return made as unknown as Attempt & { probes: number };
  };

  it("is the provider's own where it has tools, forced JSON where it hasn't, else a block", async () => {
    const log = new EditAnswersInMemory();
    assert.equal(await chooseDialect(attempt({ tools: true, jsonSchema: true }), log), 'native');
    assert.equal(await chooseDialect(attempt({ tools: false, jsonSchema: true }), log), 'json');
    assert.equal(await chooseDialect(attempt({ tools: false }), log), 'fenced');
  });

  it('is tried once where nobody knows', async () => {
    const calls: StreamPart[] = [{ kind: 'tool-call', id: '1', name: 'ready', arguments: '{}' }];
    const refusal = new ProviderError('bad-request', 'No tools here.');
    for (const [probe, expected] of [
      [calls, 'native'],
      [[{ kind: 'text', text: 'Hello' }], 'fenced'],
      [[refusal], 'fenced'],
    ] as const) {
      const log = new EditAnswersInMemory();
      const model = attempt({}, probe);
      assert.equal(await chooseDialect(model, log), expected);
      assert.equal(await chooseDialect(model, log), expected);
      assert.equal(model.probes, 1);
    }
    await assert.rejects(
      chooseDialect(attempt({}, [new ProviderError('network', 'Gone.')]), new EditAnswersInMemory()),
      { message: 'Gone.' },
    );
  });

  it('is another one once turns in it fail more often than not', async () => {
    const log = new EditAnswersInMemory();
    const model = attempt({ tools: true, jsonSchema: true });
    for (let i = 0; i < 3; i++) await countTurn(log, { model: 'lab/x', dialect: 'native', end: 'unread' });
    assert.equal(await chooseDialect(model, log), 'native', 'three turns say little');
    await countTurn(log, { model: 'lab/x', dialect: 'native', end: 'unread' });
    assert.equal(await chooseDialect(model, log), 'json');
    for (let i = 0; i < 5; i++) await countTurn(log, { model: 'lab/x', dialect: 'native', end: 'worked' });
    assert.equal(await chooseDialect(model, log), 'native');
  });
});

function pick(given: string): { path: unknown } {
  return { path: (JSON.parse(given) as { path: unknown }).path };
}

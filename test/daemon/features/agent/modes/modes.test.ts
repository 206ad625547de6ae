// Modes are data: those built in, and those of config.json. What a model is told in each is short.
import assert from 'node:assert/strict';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { afterEach, describe, it } from 'mocha';
import { parseConfig } from '../../../../../daemon/base/config/config.ts';
import { modeNamed, modesOf } from '../../../../../daemon/features/agent/modes/modes.ts';
import type { ModelRequest } from '../../../../../daemon/models/providers/provider.ts';
import { type AgentBench, agentBench } from '../bench.ts';

const config = (modes: object) => parseConfig(JSON.stringify({ modes }));
let open: AgentBench[] = [];

/** What a model is sent for a task, with all tools there are. */
async function sent(mode: string, task: string, capabilities: object): Promise<ModelRequest> {
  const at = agentBench({
    script: () => [capabilities && 'tools' in capabilities ? '{"say":"Hi."}' : 'Hi.'],
    info: { capabilities },
  });
  open.push(at);
  await at.run({ mode, task });
  const [request] = at.model.requests;
  assert.ok(request);
  return request;
}

const tokensOf = ({ messages, tools = [] }: ModelRequest): number =>
  countTokens(messages.map(({ content }) => content).join('\n')) + countTokens(JSON.stringify(tools));

describe('modes', () => {
  afterEach(async () => {
    for (const each of open) await each.close();
    open = [];
  });

  it('are the ten that users know', () => {
    assert.deepEqual(
      modesOf({}).map(({ id }) => id),
      ['act', 'plan', 'coder', 'research', 'analyst', 'assistant', 'chatbot', 'tutor', 'image', 'video'],
    );
  });

  it('change nothing where they only read', () => {
    for (const id of ['plan', 'research'])
      for (const tool of ['edit', 'run', 'mcp']) assert.ok(!modeNamed(id, {}).tools.includes(tool), `${id} ${tool}`);
  });

  for (const [how, capabilities] of Object.entries({
    'native tools': { tools: true },
    'forced JSON': { tools: false, jsonSchema: true },
    'a block': { tools: false },
  }))
    it(`cost at most 1,500 tokens with the schemas of all tools, and 1,600 for "hello" (${how})`, async () => {
      for (const { id, tools } of modesOf({})) {
        if (tools.length === 0) continue;
        assert.ok(tokensOf(await sent(id, '', capabilities)) <= 1500, id);
        assert.ok(tokensOf(await sent(id, 'hello', capabilities)) <= 1600, id);
      }
    });

  it('are added and replaced by config.json', () => {
    const { config: read, problems } = config({
      poet: { prompt: 'Rhyme.', tools: ['read'], model: 'lab/x' },
      act: { prompt: 'Act as I say.' },
    });
    assert.deepEqual(problems, []);
    const modes = modesOf(read.modes);
    const [act, poet] = ['act', 'poet'].map((id) => modes.find((mode) => mode.id === id));
    assert.deepEqual([act?.source, act?.prompt, act?.tools], ['config', 'Act as I say.', []]);
    assert.deepEqual([poet?.title, poet?.tools, poet?.model, poet?.cache], ['poet', ['read'], 'lab/x', true]);
    assert.equal(modes.filter(({ id }) => id === 'act').length, 1);
  });

  const wrong: Record<string, [object, RegExp]> = {
    'no prompt': [{ poet: {} }, /modes\.poet\.prompt/],
    'a prompt that is no text': [{ poet: { prompt: 1 } }, /modes\.poet\.prompt/],
    'tools that are no list': [{ poet: { prompt: 'x', tools: 'read' } }, /modes\.poet\.tools/],
    'a tool without a name': [{ poet: { prompt: 'x', tools: ['read', 'r m'] } }, /modes\.poet\.tools\.1/],
    'a model without a provider': [
      { poet: { prompt: 'x', model: 'x' } },
      /modes\.poet\.model: write models as provider/,
    ],
    'a field that nobody reads': [{ poet: { prompt: 'x', tool: [] } }, /modes\.poet\.tool: unknown field/],
    'a name with spaces': [{ 'My Mode': { prompt: 'x' } }, /modes\.My Mode/],
  };
  for (const [what, [modes, sentence]] of Object.entries(wrong))
    it(`of config.json with ${what} are named, and the others hold`, () => {
      const { config: read, problems } = config({ ...modes, fine: { prompt: 'x' } });
      assert.match(problems.join('\n'), sentence);
      assert.equal(modeNamed('fine', read.modes).prompt, 'x');
    });

  it('make something else than answers where they say so', () => {
    assert.deepEqual(
      modesOf({}).flatMap(({ id, makes }) => (makes ? [[id, makes]] : [])),
      [
        ['image', 'picture'],
        ['video', 'video'],
      ],
    );
  });

  it('say that there is none of a name', () => {
    assert.throws(() => modeNamed('none', {}), { message: /There's no mode "none". Choose one of these: act, plan/ });
  });
});

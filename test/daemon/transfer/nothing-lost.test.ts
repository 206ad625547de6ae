// What real exports have beside plain questions and answers: nothing of it is lost without a note.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { TransferredChat } from '../../../shared/protocol/index.ts';
import { type Office, openOffice, outline } from './desk.ts';
import { conversation, node, session, task } from './fixtures.ts';

const cutNote = 'The file ends in the middle of this chat. The rest is missing.';

describe('an import loses nothing silently:', () => {
  let office: Office;
  let count = 0;
  before(() => {
    office = openOffice();
  });
  after(() => office[Symbol.asyncDispose]());

  async function chatsOf(path: string): Promise<TransferredChat[]> {
    const { id } = await office.memory.profiles.create({ name: `P${++count}` });
    const report = await office.desk(id).take(path);
    assert.deepEqual(report.skipped, []);
    assert.equal((await office.desk(id).take(path)).known, report.found, 'a second import adds nothing');
    return office.desk(id).chats();
  }

  async function chatOf(path: string): Promise<TransferredChat> {
    const [chat] = await chatsOf(path);
    assert.ok(chat);
    return chat;
  }

  function gpt(id: string, nodes: readonly [string, object][], more: object = {}): string {
    return office.file(`${id}/conversations.json`, [conversation(id, nodes.at(-1)?.[0], nodes, more)]);
  }

  function clineTask(id: string, files: Readonly<Record<string, unknown>>): string {
    task(office, `${id}/tasks/1700000000001`, files);
    return office.file(id);
  }

  const said = (role: string, ...texts: string[]): object => ({
    role,
    content: texts.map((text) => ({ type: 'text', text })),
  });

  it('a long task is a message for each part of it, to its last word', async () => {
    const history = [said('user', '<task>\nfix it\n</task>')];
    for (let step = 0; step < 40; step++)
      history.push(
        said('assistant', `step ${step}`),
        said('user', `[run for make] Result:\n${`${step} `.repeat(40_000)}`),
      );
    history.push(said('assistant', 'FINAL'));
    const { messages } = await chatOf(clineTask('long', { 'api_conversation_history.json': history }));
    const text = messages.map((message) => message.text).join('\n');
    for (let step = 0; step < 40; step++) assert.ok(text.includes(`step ${step}\n`), `step ${step}`);
    assert.match(messages.at(-1)?.text ?? '', /FINAL$/);
    assert.deepEqual([messages.length > 20, messages.flatMap(({ notes }) => notes ?? [])], [true, []]);
  });

  it('a text too long for one message goes on in the next', async () => {
    const long = `${'line of text\n'.repeat(200_000)}END`;
    const { messages } = await chatOf(
      gpt('big', [
        node('q', { role: 'user', children: ['a'] }, { parts: ['Say much'] }),
        node('a', { parent: 'q', role: 'assistant', children: ['q2'] }, { parts: [long] }),
        node('q2', { parent: 'a', role: 'user' }, { parts: ['Thanks'] }),
      ]),
    );
    const answers = messages.filter(({ role }) => role === 'assistant').map(({ text }) => text);
    assert.deepEqual([answers.length, answers.join('') === long, messages.at(-1)?.text], [3, true, 'Thanks']);
  });

  it('results of tools in blocks of their own belong to the answer, and words in tags to the user', async () => {
    const { messages } = await chatOf(
      clineTask('blocks', {
        'api_conversation_history.json': [
          said('user', '<task>\nfix it\n</task>'),
          said('assistant', 'I read.'),
          said('user', "[read_file for 'a.ts'] Result:", 'CONTENT', '<environment_details>x</environment_details>'),
          said('assistant', 'I ask.'),
          {
            role: 'user',
            content: [
              { type: 'text', text: '[browser_action] Result:' },
              { type: 'image', source: {} },
            ],
          },
          said('assistant', 'Done.'),
          said('user', '[attempt_completion] Result:', 'The user has feedback:\n<feedback>\nNot yet\n</feedback>'),
          said('assistant', 'Now.'),
        ],
      }),
    );
    assert.deepEqual(outline({ messages }), [
      'Q fix it',
      "  A I read.\n\n**Result of read_file for 'a.ts'**\n\n```\nCONTENT\n```\n\nI ask.\n\n(an image)\n\nDone.",
      '    Q Not yet',
      '      A Now.',
    ]);
    assert.deepEqual(messages[1]?.notes, ['An image was left out.']);
  });

  const whole = [said('user', '<task>\nfirst\n</task>'), said('assistant', 'second')];
  const shown = [
    { ts: 1_700_000_000_000, type: 'say', say: 'text', text: 'first' },
    { ts: 1_700_000_000_200, type: 'say', say: 'text', text: 'second' },
  ];
  const cut = (value: unknown): string => JSON.stringify(value).slice(0, -3);

  for (const [what, files, isCut] of [
    ['both histories are cut', { 'api_conversation_history.json': cut(whole), 'ui_messages.json': cut(shown) }, true],
    ['the cut is within a message', { 'api_conversation_history.json': cut([...whole, said('user', 'x')]) }, true],
    ['one is empty', { 'api_conversation_history.json': [], 'ui_messages.json': shown }, false],
    ['one is cut', { 'api_conversation_history.json': cut(whole), 'ui_messages.json': shown }, false],
    ['one is no JSON', { 'api_conversation_history.json': 'oops', 'ui_messages.json': shown }, false],
    ['one has its older name', { 'claude_messages.json': shown }, false],
  ] as const)
    it(`a task of which ${what} is read as far as it is whole`, async () => {
      const { messages } = await chatOf(clineTask(`cline ${what}`, files));
      assert.deepEqual(outline({ messages }).slice(0, 2), ['Q first', '  A second']);
      assert.equal(messages.at(-1)?.notes?.includes(cutNote) ?? false, isCut);
    });

  it('a session of Continue that is cut is read up to there, and needs no list', async () => {
    const text = JSON.stringify(
      session('s', [
        { role: 'user', content: 'first' },
        { role: 'assistant', content: 'second' },
      ]),
    );
    office.file('lost/config.yaml', 'x');
    office.file('lost/sessions/s.json', text.slice(0, -3));
    const { messages } = await chatOf(office.file('lost'));
    assert.deepEqual(outline({ messages }), ['Q first', '  A second']);
    assert.deepEqual(messages[1]?.notes, [cutNote]);
  });

  const image = { content_type: 'image_asset_pointer', asset_pointer: 'file-service://x' };
  for (const [what, content, more, expected] of [
    [
      'an image alone',
      { content_type: 'multimodal_text', parts: [image] },
      { attachments: [{ name: 'diagram.png' }] },
      ['(an image)', 'An image was left out.', 'The attached file diagram.png was left out.'],
    ],
    [
      'a file alone',
      { parts: [''] },
      { attachments: [{ name: 'a.pdf' }] },
      ['(a file)', 'The attached file a.pdf was left out.'],
    ],
    [
      'words and files',
      { parts: ['Read these'] },
      { attachments: [{ name: 'a.pdf' }, { name: 'b.csv' }] },
      ['Read these', 'The attached file a.pdf was left out.', 'The attached file b.csv was left out.'],
    ],
  ] as const)
    it(`a question of ChatGPT with ${what} stays, with notes`, async () => {
      const { messages } = await chatOf(
        gpt(what, [
          node('q', { role: 'user', children: ['a'] }, content, { metadata: more }),
          node('a', { parent: 'q', role: 'assistant' }, { parts: ['An answer'] }),
        ]),
      );
      assert.deepEqual([messages[0]?.text, ...(messages[0]?.notes ?? [])], expected);
    });

  it('an image that a tool of ChatGPT made stays, with what it was made from', async () => {
    const { messages } = await chatOf(
      gpt('made', [
        node('q', { role: 'user', children: ['t'] }, { parts: ['Draw'] }),
        node(
          't',
          { parent: 'q', role: 'tool' },
          { content_type: 'multimodal_text', parts: [{ ...image, metadata: { dalle: { prompt: 'ducks' } } }] },
          { author: { role: 'tool', name: 'dalle' } },
        ),
      ]),
    );
    assert.match(messages[1]?.text ?? '', /Result of dalle[\s\S]*an image of: ducks/);
    assert.deepEqual(messages[1]?.notes, ['An image was left out.']);
  });

  const mark = '\ue200cite\ue202turn0search3\ue201';
  const reference = { matched_text: mark, items: [{ title: 'Blog', url: 'https://a.example/b' }] };
  for (const [what, text, metadata, expected] of [
    [
      'with the link in words',
      `In 2015 ${mark}.`,
      { content_references: [{ ...reference, alt: '([B](https://b.example))' }] },
      'In 2015 ([B](https://b.example)).',
    ],
    [
      'with the page that it names',
      `In 2015 ${mark}.`,
      { content_references: [reference] },
      'In 2015 [Blog](https://a.example/b).',
    ],
    [
      'without its marks',
      'In 2015 citeturn0search3.',
      { content_references: [{ ...reference, matched_text: 'citeturn0search3' }] },
      'In 2015 [Blog](https://a.example/b).',
    ],
    ['that nothing explains', `In${mark} 2015【4†source】.`, {}, 'In 2015.'],
    [
      'of the older kind',
      'In 2015【1†x】.',
      { citations: [{ start_ix: 7, end_ix: 12, metadata: { title: 'T', url: 'https://c.example' } }] },
      'In 2015[T](https://c.example).',
    ],
    ['of a name', 'By \ue200entity\ue202["company","Acme"]\ue201.', {}, 'By Acme.'],
    ['of an address', 'See \ue200url\ue202here\ue202https://d.example\ue201.', {}, 'See [here](https://d.example).'],
    ['of an address that runs', 'See \ue200url\ue202here\ue202javascript:x\ue201.', {}, 'See here.'],
    [
      'whose reference matches a space',
      'See this.',
      { content_references: [{ matched_text: ' ', alt: '' }] },
      'See this.',
    ],
  ] as const)
    it(`a citation ${what} is a link or nothing`, async () => {
      const { messages } = await chatOf(
        gpt(`cites ${what}`, [
          node('q', { role: 'user', children: ['a'] }, { parts: ['When?'] }),
          node('a', { parent: 'q', role: 'assistant' }, { parts: [text] }, { metadata }),
        ]),
      );
      assert.equal(messages[1]?.text, expected);
    });

  it('answers of ChatGPT without a model of their own have that of their chat', async () => {
    const nodes = [
      node('q', { role: 'user', children: ['a'] }, { parts: ['Who?'] }),
      node('a', { parent: 'q', role: 'assistant' }, { parts: ['I'] }, { metadata: undefined }),
    ];
    const { messages } = await chatOf(gpt('slug', nodes, { default_model_slug: 'gpt-5-thinking' }));
    assert.equal(messages[1]?.decision?.model, 'openai/gpt-5-thinking');
  });
});

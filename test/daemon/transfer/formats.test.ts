// Chats of other programs, in files as those programs write them: what was said becomes messages, tools become blocks, images a note.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { describeImport } from '../../../daemon/transfer/importing.ts';
import { type Office, openOffice, outline } from './desk.ts';
import { broken, conversation, node, session, task } from './fixtures.ts';

describe('an import', () => {
  let office: Office;
  let count = 0;
  before(() => {
    office = openOffice();
  });
  after(() => office[Symbol.asyncDispose]());

  /** What came of an import into a profile of its own. */
  async function taken(path: string) {
    const { id } = await office.memory.profiles.create({ name: `P${++count}` });
    const report = await office.desk(id).take(path);
    return { report, chats: await office.desk(id).chats(), again: await office.desk(id).take(path) };
  }

  it('of ChatGPT makes versions of branches; the one that ends at the current node is read', async () => {
    office.file('gpt/conversations-000.json', [
      conversation('c1', 'a3', [
        node('root', { children: ['sys'] }),
        node('sys', { parent: 'root', role: 'system', children: ['q1'] }),
        node(
          'q1',
          { parent: 'sys', role: 'user', children: ['a2', 'a1'] },
          {
            parts: ['Which boat?', { content_type: 'image_asset_pointer', asset_pointer: 'file-service://x' }],
            content_type: 'multimodal_text',
          },
        ),
        node('a1', { parent: 'q1', role: 'assistant', children: ['q2'] }, { parts: ['The red one.'] }),
        node('a2', { parent: 'q1', role: 'assistant' }, { parts: ['None.'] }),
        node('q2', { parent: 'a1', role: 'user', children: ['t1'] }, { parts: ['Count it.'] }),
        node(
          't1',
          { parent: 'q2', role: 'assistant', children: ['c'] },
          { content_type: 'thoughts', thoughts: [{ summary: 'Counting', content: 'One by one.' }] },
        ),
        node(
          'c',
          { parent: 't1', role: 'assistant', children: ['r'] },
          { content_type: 'code', text: 'print(1)' },
          { recipient: 'python' },
        ),
        node(
          'r',
          { parent: 'c', role: 'tool', children: ['a3'] },
          { content_type: 'execution_output', text: '1' },
          { author: { role: 'tool', name: 'python' } },
        ),
        node('a3', { parent: 'r', role: 'assistant' }, { parts: ['There is ```one```.'] }),
      ]),
    ]);
    office.file('gpt/conversations-001.json', [
      conversation('c2', undefined, [node('q', { role: 'user' }, { parts: ['Alone?'] })]),
    ]);
    office.file('gpt/user.json', {});
    const { report, chats, again } = await taken(office.file('gpt'));
    assert.deepEqual(report, {
      source: 'chatgpt',
      found: 2,
      imported: 2,
      grown: 0,
      known: 0,
      messages: 6,
      skipped: [],
    });
    assert.deepEqual([again.imported, again.known], [0, 2]);
    assert.deepEqual(
      chats.map(({ title, createdAt, updatedAt, origin }) => [title, createdAt, updatedAt, origin]).toSorted(),
      ['c1', 'c2'].map((id) => [`Title of ${id}`, 1_700_000_000_500, 1_700_000_600_000, { source: 'chatgpt', id }]),
    );
    const boats = chats.find(({ title }) => title === 'Title of c1');
    assert.deepEqual(boats && outline(boats), [
      'Q Which boat?',
      '  [A None.]',
      '  A The red one.',
      '    Q Count it.',
      '      A **Call of python**\n\n```\nprint(1)\n```\n\n**Result of python**\n\n```\n1\n```\n\nThere is ```one```.',
    ]);
    const [question, , , , answer] = boats?.messages ?? [];
    assert.deepEqual(
      [question?.notes, answer?.reasoning, answer?.decision?.model, answer?.createdAt],
      [['An image was left out.'], 'Counting\n\nOne by one.', 'openai/gpt-4o', 1_700_000_006_000],
    );
  });

  it('of Continue reads each session beside the list, with what was attached and what tools said', async () => {
    const list = [
      { sessionId: 's1', title: 'Listed', dateCreated: '1700000000000', workspaceDirectory: 'file:///w' },
      { session_id: 'old' },
      { sessionId: '../../evil', title: 'x', dateCreated: 'never' },
    ];
    office.file('continue/sessions/sessions.json', list);
    office.file(
      'continue/sessions/s1.json',
      session('s1', [
        {
          message: {
            role: 'user',
            content: [
              { type: 'text', text: 'Explain this.' },
              { type: 'imageUrl', imageUrl: { url: 'data:image/png;base64,AAAA' } },
            ],
          },
          contextItems: [
            { name: 'a.ts', description: '', content: 'let x', uri: { type: 'file', value: 'file:///a.ts' } },
            { name: 'docs', content: 'words' },
          ],
        },
        { message: { role: 'thinking', content: 'Hm.' } },
        {
          message: {
            role: 'assistant',
            content: 'I look.',
            toolCalls: [{ id: 't', function: { name: 'read_file', arguments: '{"path":"b.ts"}' } }],
          },
          contextItems: [],
          promptLogs: [{ modelTitle: 'Tiny', modelProvider: 'ollama' }],
        },
        { message: { role: 'tool', content: 'let y', toolCallId: 't' }, contextItems: [] },
        { message: { role: 'assistant', content: 'It is a variable.' }, contextItems: [] },
      ]),
    );
    office.file(
      'continue/sessions/s2.json',
      session('s2', [
        { role: 'user', content: 'Older.' },
        { role: 'assistant', content: 'Yes.' },
      ]),
    );
    office.file('continue/sessions/old.json', { session_id: 'old', title: 'Oldest', full_state: { history: [] } });
    const { report, chats, again } = await taken(office.file('continue'));
    assert.deepEqual(
      [report.source, report.imported, report.skipped.map(({ name }) => name), again.known],
      ['continue', 2, ['old.json'], 2],
    );
    assert.match(report.skipped[0]?.why ?? '', /before 2024/);
    const first = chats.find(({ origin }) => origin.id === 's1');
    assert.ok(first);
    assert.deepEqual([first.title, first.createdAt], ['Session s1', 1_700_000_000_000]);
    assert.deepEqual(outline(first), [
      'Q Explain this.',
      '  A I look.\n\n**Call of read_file**\n\n```\n{"path":"b.ts"}\n```\n\n**Result of a tool**\n\n```\nlet y\n```\n\nIt is a variable.',
    ]);
    assert.deepEqual(first.messages[0]?.attachments, [
      { kind: 'file', uri: 'file:///a.ts', text: 'let x' },
      { kind: 'file', uri: 'continue:docs', text: 'words' },
    ]);
    assert.deepEqual(
      [first.messages[0]?.notes, first.messages[1]?.reasoning, first.messages[1]?.decision?.model],
      [['An image was left out.'], 'Hm.', 'ollama/Tiny'],
    );
    assert.equal(JSON.stringify(chats).includes('base64'), false);
  });

  it('of Cline reads what was said to the model, else what was shown', async () => {
    office.file('cline/state/taskHistory.json', [
      { id: '1700000000001', ts: 1_700_000_900_000, task: 'Mend the boat', modelId: 'x' },
    ]);
    task(office, 'cline/tasks/1700000000001', {
      'api_conversation_history.json': [
        {
          role: 'user',
          content: [
            { type: 'text', text: '<task>\nMend the boat\n</task>' },
            { type: 'text', text: '<environment_details>\nlots\n</environment_details>' },
            { type: 'image', source: { type: 'base64', data: 'AAAA' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Nails.' },
            { type: 'text', text: 'I look.' },
            { type: 'tool_use', id: 't', name: 'read_file', input: { path: 'boat.txt' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 't', content: [{ type: 'text', text: 'a hole' }] },
            { type: 'text', text: '<environment_details>more</environment_details>' },
          ],
        },
        { role: 'assistant', content: 'It is mended.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: '[attempt_completion] Result: Done' },
            { type: 'text', text: '<feedback>\nThank you\n</feedback>' },
          ],
        },
      ],
      'ui_messages.json': [
        { ts: 1_700_000_000_001, type: 'say', say: 'task', text: 'Mend the boat' },
        { ts: 1_700_000_800_000, type: 'say', say: 'text', text: 'x' },
      ],
      'task_metadata.json': { model_usage: [{ ts: 1, model_id: 'claude', model_provider_id: 'anthropic' }] },
    });
    task(office, 'cline/tasks/1700000000002', {
      'api_conversation_history.json': '[{"role":"user","cont',
      'ui_messages.json': [
        { ts: 1_700_000_000_002, type: 'say', say: 'text', text: 'Paint it' },
        { ts: 1_700_000_000_003, type: 'say', say: 'api_req_started', text: '{}' },
        { ts: 1_700_000_000_004, type: 'ask', ask: 'followup', text: '{"question":"Which colour?","options":[]}' },
        { ts: 1_700_000_000_005, type: 'say', say: 'user_feedback', text: 'Blue', images: ['data:x'] },
        { ts: 1_700_000_000_006, type: 'say', say: 'command', text: 'paint' },
        { ts: 1_700_000_000_007, type: 'say', say: 'text', text: 'half', partial: true },
        { ts: 1_700_000_000_008, type: 'say', say: 'completion_result', text: 'Painted.' },
      ],
    });
    task(office, 'cline/tasks/empty', { 'other.json': [] });
    const { report, chats, again } = await taken(office.file('cline'));
    assert.deepEqual(
      [report.source, report.imported, report.skipped, again.known],
      ['cline', 2, [{ name: 'task empty', why: 'neither of its two histories can be read' }], 2],
    );
    const [mended, painted] = ['1700000000001', '1700000000002'].map((id) =>
      chats.find(({ origin }) => origin.id === id),
    );
    assert.ok(mended && painted);
    assert.deepEqual(outline(mended), [
      'Q Mend the boat\n\n(an image)',
      '  A I look.\n\n**Call of read_file**\n\n```\n{\n  "path": "boat.txt"\n}\n```\n\n**Result of a tool**\n\n```\na hole\n```\n\nIt is mended.\n\n**Result of attempt_completion**\n\n```\nDone\n```',
      '    Q Thank you',
    ]);
    assert.deepEqual(
      [
        mended.title,
        mended.createdAt,
        mended.updatedAt,
        mended.messages[1]?.reasoning,
        mended.messages[1]?.decision?.model,
      ],
      ['Mend the boat', 1_700_000_000_001, 1_700_000_800_000, 'Nails.', 'anthropic/claude'],
    );
    assert.deepEqual(outline(painted), [
      'Q Paint it',
      '  A Which colour?',
      '    Q Blue',
      '      A **command**\n\n```\npaint\n```\n\nPainted.',
    ]);
    assert.equal(painted.title, 'Paint it');
  });

  it('again adds what has grown there, and says how many chats were new, have grown and were here', async () => {
    const talk = (id: string, ...texts: string[]): void =>
      void office.file(
        `again/sessions/${id}.json`,
        session(
          id,
          texts.map((content, index) => ({
            message: { role: index % 2 === 0 ? 'user' : 'assistant', content },
            contextItems: [],
          })),
        ),
      );
    office.file('again/sessions/sessions.json', []);
    for (const id of ['one', 'two', 'three']) talk(id, `Ask ${id}`, `Say ${id}`);
    const { id } = await office.memory.profiles.create({ name: 'Again' });
    const place = office.file('again');
    const first = await office.desk(id).take(place);
    assert.deepEqual(describeImport(first, false), ['3 chats of Continue: 3 new. 6 messages were added.']);
    talk('two', 'Ask two', 'Say two', 'Ask more');
    talk('four', 'Ask four');
    assert.deepEqual(describeImport(await office.desk(id).take(place, { dryRun: true }), true), [
      '4 chats of Continue: 1 new, 1 grown, 2 already here. 2 messages would be added.',
    ]);
    assert.deepEqual(describeImport(await office.desk(id).take(place), false), [
      '4 chats of Continue: 1 new, 1 grown, 2 already here. 2 messages were added.',
    ]);
    assert.deepEqual(describeImport(await office.desk(id).take(place), false), [
      '4 chats of Continue: 0 new, 4 already here.',
    ]);
    assert.deepEqual(
      (await office.desk(id).chats()).find(({ origin }) => origin.id === 'two')?.messages.map(({ text }) => text),
      ['Ask two', 'Say two', 'Ask more'],
    );
  });

  it('puts chats into the project of the folder that they were made in, where there is one', async () => {
    const [shop, barn] = ['shop', 'barn'].map((name) => dirname(office.file(`work/${name}/readme.md`, 'x')));
    const asked = (folder: string) => [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Hello' },
          {
            type: 'text',
            text: `<environment_details>\n# Current Working Directory (${folder}) Files\na.ts\n</environment_details>`,
          },
        ],
      },
    ];
    const history = { 'api_conversation_history.json': asked('/no/such/folder') };
    office.file('places/state/taskHistory.json', [
      { id: '1', ts: 1, cwdOnTaskInitialization: shop },
      { id: '2', ts: 1, workspace: barn },
      { id: '4', ts: 1, workspace: '//host/share' },
      { id: '5', ts: 1, workspace: 'barn' },
      { id: '6', ts: 1, workspace: homedir() },
      { id: '7', ts: 1, workspace: 7 },
    ]);
    for (const id of ['1', '2', '4', '5', '6', '7']) task(office, `places/tasks/${id}`, history);
    task(office, 'places/tasks/3', { 'api_conversation_history.json': asked(shop ?? '') });
    office.file('places/sessions/sessions.json', [{ sessionId: 'listed', title: 'x', workspaceDirectory: barn }]);
    office.file('places/sessions/uri.json', {
      ...session('uri', [{ role: 'user', content: 'Hi' }]),
      workspaceDirectory: pathToFileURL(shop ?? '').href,
    });
    office.file('places/sessions/listed.json', {
      ...session('listed', [{ role: 'user', content: 'Hi' }]),
      workspaceDirectory: '',
    });
    office.file('places/sessions/remote.json', {
      ...session('remote', [{ role: 'user', content: 'Hi' }]),
      workspaceDirectory: 'vscode-remote://ssh-remote%2Bhost/home/me',
    });
    const { id } = await office.memory.profiles.create({ name: 'Places' });
    for (const from of ['cline', 'continue'] as const) await office.desk(id).take(office.file('places'), { from });
    const { chats: conversations, projects } = office.memory.in(id);
    const names = new Map((await projects.list()).map((project) => [project.id, project.name]));
    const placed = (await conversations.listChats({})).items.map(({ origin, projectId }) => [
      origin?.id,
      names.get(projectId ?? ''),
    ]);
    assert.deepEqual(Object.fromEntries(placed), {
      1: 'shop',
      2: 'barn',
      3: 'shop',
      4: undefined,
      5: undefined,
      6: undefined,
      7: undefined,
      uri: 'shop',
      listed: 'barn',
      remote: undefined,
    });
    assert.deepEqual([...names.values()].toSorted(), ['barn', 'shop']);
  });

  it('finds the format by one file of it, too', async () => {
    const report = async (path: string) => (await taken(path)).report;
    assert.deepEqual(
      [
        (await report(office.file('gpt/conversations-001.json'))).found,
        (await report(office.file('continue/sessions/sessions.json'))).found,
        (await report(office.file('continue/sessions/s2.json'))).found,
        (await report(office.file('cline/tasks/1700000000002/ui_messages.json'))).found,
      ],
      [1, 3, 1, 1],
    );
    for (const [name, content] of [
      ['export.zip', 'PK'],
      ['notes.json', '{"a":1}'],
      ['empty.json', ''],
      ['text.txt', 'hello'],
    ] as const)
      await assert.rejects(taken(office.file(name, content)), /isn't a complete ZIP|No chats were found/, name);
    await assert.rejects(taken('/no/such/file'), /Can't read \/no\/such\/file: it doesn't exist/);
    office.file('nothing/readme.md', 'x');
    await assert.rejects(taken(office.file('nothing')), /No chats were found/);
    await assert.rejects(office.desk().take(office.file('gpt'), { from: 'cline' }), /No chats of Cline were found/);
  });

  it('reads no link out of the folder, and waits for no pipe', async function () {
    if (process.platform === 'win32') this.skip(); // it has no pipes in folders, and links need a right of their own
    const [link, pipe] = [1, 2].map((name) => office.file(`odd/tasks/${name}/api_conversation_history.json`));
    symlinkSync(office.file('secret.json', [{ role: 'user', content: 'my secret' }]), link ?? '');
    execFileSync('mkfifo', [pipe ?? '']);
    task(office, 'odd/tasks/3', { 'api_conversation_history.json': [{ role: 'user', content: 'Hello' }] });
    const { report, chats } = await taken(office.file('odd'));
    assert.deepEqual(
      [report.imported, report.skipped.map(({ why }) => why), JSON.stringify(chats).includes('secret')],
      [1, ['neither of its two histories can be read', 'neither of its two histories can be read'], false],
    );
  });

  for (const [what, chat, why] of broken) {
    it(`skips a conversation with ${what}, and stores the one beside it`, async () => {
      const good = conversation('good', undefined, [node('q', { role: 'user' }, { parts: ['Still here?'] })]);
      const { report, chats } = await taken(
        office.file(
          'broken/conversations.json',
          `[${typeof chat === 'string' ? chat : JSON.stringify(chat)},${JSON.stringify(good)}]`,
        ),
      );
      assert.deepEqual(
        [report.imported, report.skipped.length, chats.map((one) => outline(one)[0])],
        [1, 1, ['Q Still here?']],
        JSON.stringify(report),
      );
      assert.match(report.skipped[0]?.why ?? '', why);
    });
  }

  it('takes dates that are none for unknown', async () => {
    for (const [index, date] of ['never', -1, 1e300, null, {}, '2026-99-99', 0].entries()) {
      const dated = conversation(
        `d${index}`,
        'q',
        [node('q', { role: 'user' }, { parts: ['When?'] }, { create_time: date })],
        { create_time: date, update_time: date },
      );
      const { chats } = await taken(office.file(`dates/${index}/conversations.json`, [dated]));
      assert.ok((chats[0]?.createdAt ?? 0) > 1_700_000_000_000, `${JSON.stringify(date)}: ${chats[0]?.createdAt}`);
    }
  });

  it('keeps what stands before the place where a file was cut', async () => {
    const good = JSON.stringify(
      conversation('good', undefined, [node('q', { role: 'user' }, { parts: ['Still here?'] })]),
    );
    const { report } = await taken(
      office.file('cut/conversations.json', `[${good},${good.replace('"good"', '"other"').slice(0, -20)}`),
    );
    assert.deepEqual(
      [report.found, report.imported, report.skipped],
      [2, 1, [{ name: 'chat 2 of conversations.json', why: 'the file ends in the middle of it' }]],
    );
  });
});

// Sessions and exports of further programs, as small as they can be in their format, and archives as they are downloaded.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { zipOf } from '../../fakes/zip.ts';
import { type Office, openOffice, outline } from './desk.ts';
import { conversation, node } from './fixtures.ts';

const lines = (...values: readonly object[]): string => `${values.map((value) => JSON.stringify(value)).join('\n')}\n`;

const claudeChat = {
  uuid: 'u1',
  name: 'Boats',
  created_at: '2025-01-01T00:00:00.000000Z',
  updated_at: '2025-01-01T00:01:00.000000Z',
  chat_messages: [
    {
      uuid: 'm1',
      text: '',
      content: [{ type: 'text', text: 'Which?' }],
      sender: 'human',
      attachments: [{ file_name: 'a.txt', extracted_content: 'red' }],
      files: [{ file_name: 'b.png' }],
    },
    { uuid: 'm2', text: 'None.', content: [], sender: 'assistant', parent_message_uuid: 'm1' },
    { uuid: 'm3', text: 'Red.', content: [], sender: 'assistant', parent_message_uuid: 'm1' },
  ],
};

const gptChat = conversation('c', undefined, [node('q', { role: 'user' }, { parts: ['Zipped?'] })]);

const said = (
  uuid: string,
  parentUuid: string | null,
  message: [type: string, content: unknown],
  more: object = {},
): object => ({
  uuid,
  parentUuid,
  type: message[0],
  sessionId: 's',
  timestamp: '2025-01-01T00:00:00Z',
  message: { role: message[0], content: message[1], ...(message[0] === 'assistant' && { model: 'opus' }) },
  ...more,
});

describe('an import of further sources', () => {
  let office: Office;
  let count = 0;
  before(() => {
    office = openOffice();
  });
  after(() => office[Symbol.asyncDispose]());

  async function taken(path: string) {
    const { id } = await office.memory.profiles.create({ name: `S${++count}` });
    const report = await office.desk(id).take(path);
    const chats = await office.desk(id).chats();
    return { report, chats, lines: chats.map((chat) => outline(chat)) };
  }

  it('reads the export of claude.ai, with branches, texts of files and notes of the others', async () => {
    const { report, chats, lines: read } = await taken(office.file('claude/conversations.json', [claudeChat]));
    assert.deepEqual([report.source, report.imported], ['claude', 1]);
    assert.deepEqual(read, [['Q Which?', '  [A None.]', '  A Red.']]);
    assert.deepEqual(
      [chats[0]?.title, chats[0]?.messages[0]?.notes, chats[0]?.messages[0]?.attachments?.[0]],
      ['Boats', ['The attached file b.png was left out.'], { kind: 'file', uri: 'claude:a.txt', text: 'red' }],
    );
  });

  it('reads sessions of Claude Code, the branch that ends last, without what the program says', async () => {
    office.file(
      'claude-code/projects/w/s.jsonl',
      lines(
        said('u0', null, ['user', 'Caveat'], { isMeta: true }),
        said('u1', 'u0', ['user', 'Fix it <system-reminder>be kind</system-reminder>']),
        said('a0', 'u1', ['assistant', [{ type: 'text', text: 'Rewound.' }]]),
        said('a1', 'u1', [
          'assistant',
          [
            { type: 'thinking', thinking: 'Hm.' },
            { type: 'tool_use', name: 'Read', input: { path: 'a' } },
          ],
        ]),
        said('r1', 'a1', ['user', [{ type: 'tool_result', content: 'text of a' }]]),
        said('x1', null, ['assistant', [{ type: 'text', text: 'aside' }]], { isSidechain: true }),
        said('a2', 'r1', ['assistant', [{ type: 'text', text: 'Fixed.' }]]),
        { type: 'summary', summary: 'A fix', leafUuid: 'a2' },
      ),
    );
    const { report, chats, lines: read } = await taken(office.file('claude-code'));
    assert.deepEqual([report.source, report.imported, chats[0]?.title], ['claude-code', 1, 'A fix']);
    assert.deepEqual(read[0]?.slice(0, 2), ['Q Fix it', '  [A Rewound.]']);
    assert.match(read[0]?.[2] ?? '', /Call of Read[\s\S]*text of a[\s\S]*Fixed\.$/);
    const last = chats[0]?.messages.at(-1);
    assert.deepEqual([last?.reasoning, last?.decision?.model, last?.notes?.length], ['Hm.', 'anthropic/opus', 1]);
  });

  it('reads sessions of Codex in folders by date', async () => {
    const item = (payload: object): object => ({ timestamp: '2025-01-01T00:00:00Z', type: 'response_item', payload });
    office.file(
      'codex/sessions/2025/01/02/rollout-x.jsonl',
      lines(
        { type: 'session_meta', payload: { id: 'cx', cwd: '/no/such' } },
        { type: 'turn_context', payload: { model: 'gpt-5' } },
        item({ type: 'message', role: 'user', content: [{ type: 'input_text', text: '<environment_context>x' }] }),
        item({ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'List' }] }),
        { type: 'event_msg', payload: { type: 'user_message', message: 'List' } },
        item({ type: 'function_call', name: 'shell', call_id: '1', arguments: '{"command":["ls"]}' }),
        item({ type: 'function_call_output', call_id: '1', output: '{"output":"a.ts"}' }),
        item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'One file.' }] }),
      ),
    );
    const { report, chats, lines: read } = await taken(office.file('codex'));
    assert.deepEqual([report.source, chats[0]?.origin.id, read[0]?.[0], read[0]?.length], ['codex', 'cx', 'Q List', 2]);
    assert.match(read[0]?.[1] ?? '', /Call of shell[\s\S]*Result of shell\*\*\n\n```\na\.ts\n```\n\nOne file\.$/);
  });

  it("reads Cline's new session files", async () => {
    office.file('new-cline/sessions/7/7.json', { session_id: '7', cwd: '/no/such', metadata: { title: 'Seven' } });
    office.file('new-cline/sessions/7/7.messages.json', {
      version: 1,
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Go' }], ts: 1_700_000_000_000 },
        { role: 'assistant', content: [{ type: 'text', text: 'Gone' }], modelInfo: { id: 'm', provider: 'p' } },
      ],
    });
    const { report, chats, lines: read } = await taken(office.file('new-cline'));
    assert.deepEqual([report.source, chats[0]?.title, read], ['cline', 'Seven', [['Q Go', '  A Gone']]]);
    assert.equal(chats[0]?.messages[1]?.decision?.model, 'p/m');
  });

  const request = { requestId: 'r', message: { text: 'Why?' }, response: [{ value: 'Because ' }, { value: 'so.' }] };
  for (const [what, name, content] of [
    ['an export', 'chat.json', { requesterUsername: 'me', responderUsername: 'x', requests: [request] }],
    [
      'changes',
      'chatSessions/s.jsonl',
      lines(
        { kind: 0, v: { sessionId: 's', requests: [] } },
        { kind: 2, k: ['requests'], v: [{ ...request, response: [] }] },
        { kind: 1, k: ['requests', 0, 'response'], v: request.response },
        { kind: 1, k: ['__proto__', 'polluted'], v: true },
      ),
    ],
  ] as const)
    it(`reads Copilot Chat from ${what}`, async () => {
      const { report, lines: read } = await taken(office.file(`copilot ${what}/${name}`, content));
      assert.deepEqual([report.source, read], ['copilot', [['Q Why?', '  A Because so.']]]);
      assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    });

  it('keeps what can be read of a session with a broken and a cut line', async () => {
    const text = `${lines(said('u1', null, ['user', 'Hello']))}oops\n${lines(said('a1', 'u1', ['assistant', 'Hi']))}{"uuid":"x`;
    const { chats, lines: read } = await taken(office.file('broken-lines/s.jsonl', text));
    assert.deepEqual(read, [['Q Hello', '  A Hi']]);
    assert.equal(chats[0]?.messages.at(-1)?.notes?.length, 2);
  });

  for (const [what, source, chat, isDeflated] of [
    ['of ChatGPT', 'chatgpt', gptChat, true],
    ['of claude.ai', 'claude', claudeChat, true],
    ['whose files are stored as they are', 'chatgpt', gptChat, false],
  ] as const)
    it(`reads the archive ${what} as it was downloaded`, async () => {
      const path = office.file(`${what}.zip`, 'x');
      const files = { 'user.json': '{}', 'images/a.png': 'x', 'conversations.json': JSON.stringify([chat]) };
      writeFileSync(path, zipOf(files, isDeflated));
      const { report } = await taken(path);
      assert.deepEqual([report.source, report.imported, report.skipped], [source, 1, []]);
    });

  it('says of an archive that is cut, or has no chats, what it is', async () => {
    const path = office.file('cut.zip', 'x');
    const archive = zipOf({ 'conversations.json': JSON.stringify([gptChat]) });
    writeFileSync(path, archive.subarray(0, -30));
    await assert.rejects(taken(path), /isn't a complete ZIP archive/);
    writeFileSync(path, zipOf({ 'a.json': '{}' }));
    await assert.rejects(taken(path), /No chats were found/);
  });
});

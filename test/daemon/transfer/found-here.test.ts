// What is found of other programs on a machine, listed chat by chat, and imported in part.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { chooseImports, placeLines, type SurveyedPlace } from '../../../daemon/cli/import-here.ts';
import { chooseRows, rowsIn } from '../../../daemon/cli/kit/choose.ts';
import { placesHere } from '../../../daemon/transfer/found-here.ts';
import { importedKeys, keyOf, survey } from '../../../daemon/transfer/survey.ts';
import { ChatList } from '../../../shared/protocol/index.ts';
import { type Office, openOffice } from './desk.ts';
import { conversation, node } from './fixtures.ts';

const { signal } = new AbortController();

function session(id: string, text: string): string {
  const message = { role: 'user', content: text };
  const said = { uuid: `${id}-1`, parentUuid: null, type: 'user', sessionId: id, timestamp: '2025-01-01T00:00:00Z' };
  return `${JSON.stringify({ ...said, message })}\n`;
}

const continued = (id: string): object => ({
  sessionId: id,
  title: `Session ${id}`,
  history: [{ message: { role: 'user', content: 'Go' } }],
});

const copilot = {
  requesterUsername: 'ada',
  responderUsername: 'GitHub Copilot',
  sessionId: 'co',
  requests: [{ requestId: 'r', message: { text: 'Why?' }, response: [{ value: 'So.' }], timestamp: 1 }],
};

/** Where each program keeps one chat, below the home of a user. */
const homes: readonly [platform: NodeJS.Platform, files: Readonly<Record<string, unknown>>, found: string[]][] = [
  [
    'linux',
    {
      '.claude/projects/p/a.jsonl': session('a', 'Here?'),
      '.codex/sessions/2025/01/02/rollout-x.jsonl': '{"type":"session_meta","payload":{"id":"cx"}}\n',
      '.continue/sessions/sessions.json': [],
      '.continue/sessions/c.json': continued('c'),
      '.config/Code/User/globalStorage/saoudrizwan.claude-dev/tasks/1/api_conversation_history.json': [],
      '.config/Code/User/workspaceStorage/w/chatSessions/co.json': copilot,
      '.config/Code/User/workspaceStorage/w/state.json': { sessionId: 'none', history: [] },
      '.vscode-server/data/User/globalStorage/kilocode.kilo-code/tasks/2/ui_messages.json': [],
      'Downloads/conversations.json': [conversation('g', undefined, [node('q', { role: 'user' }, { parts: ['Hi'] })])],
      'Downloads/other.zip': 'no archive at all',
      'notes/conversations.json': [],
    },
    [
      'claude-code .claude/projects',
      'codex .codex/sessions',
      'continue .continue/sessions',
      'cline .config/Code/User/globalStorage/saoudrizwan.claude-dev',
      'cline .vscode-server/data/User/globalStorage/kilocode.kilo-code',
      'copilot .config/Code/User/workspaceStorage',
      'chatgpt Downloads/conversations.json',
    ],
  ],
  [
    'darwin',
    {
      'Library/Application Support/Cursor/User/globalStorage/rooveterinaryinc.roo-cline/tasks/1/ui_messages.json': [],
      'Library/Application Support/VSCodium/User/globalStorage/emptyWindowChatSessions/co.json': copilot,
    },
    [
      'cline Library/Application Support/Cursor/User/globalStorage/rooveterinaryinc.roo-cline',
      'copilot Library/Application Support/VSCodium/User/workspaceStorage',
    ],
  ],
  [
    'win32',
    { 'AppData/Roaming/Code/User/workspaceStorage/w/chatSessions/co.json': copilot },
    ['copilot AppData/Roaming/Code/User/workspaceStorage'],
  ],
  ['linux', {}, []],
];

describe('the chats of other programs on a machine', () => {
  let office: Office;
  before(() => {
    office = openOffice();
  });
  after(() => office[Symbol.asyncDispose]());

  for (const [index, [platform, files, expected]] of homes.entries())
    it(`are found where each keeps them (${platform}: ${expected.length})`, async () => {
      const home = office.file(`home ${index}/x`).slice(0, -2);
      for (const [name, content] of Object.entries(files)) office.file(`home ${index}/${name}`, content);
      const found = await placesHere({ home, platform, variables: {} });
      assert.deepEqual(
        found.map(({ path, place }) => `${place.source} ${path.slice(home.length + 1).replaceAll('\\', '/')}`),
        expected,
      );
    });

  it('are found where variables say that a program keeps them', async () => {
    office.file('moved/projects/p/a.jsonl', session('a', 'Here?'));
    const variables = { CLAUDE_CONFIG_DIR: office.file('moved/x').slice(0, -2) };
    const [found] = await placesHere({ home: office.file('nobody'), platform: 'linux', variables });
    assert.equal(found?.path, join(variables.CLAUDE_CONFIG_DIR, 'projects'));
  });

  it('are listed with what was imported before, and only the chosen ones are imported', async () => {
    for (const id of ['one', 'two', 'three']) office.file(`chosen/projects/p/${id}.jsonl`, session(id, `Chat ${id}`));
    const path = office.file('chosen/projects/x').slice(0, -2);
    const desk = office.desk();
    const look = async () => {
      const [found] = await placesHere({
        home: '/no/such',
        platform: 'linux',
        variables: { CLAUDE_CONFIG_DIR: office.file('chosen/x').slice(0, -2) },
      });
      assert.ok(found);
      const known = await importedKeys((params) => desk.ask(ChatList, params));
      return { ...found, ...(await survey(found.place, known, signal)) };
    };
    const { chats, place } = await look();
    assert.deepEqual(chats.map(({ title, messages, isKnown }) => [title, messages, isKnown]).sort(), [
      ['Chat one', 1, false],
      ['Chat three', 1, false],
      ['Chat two', 1, false],
    ]);
    const wanted = chats.find(({ title }) => title === 'Chat two')?.key;
    const report = await desk.take(path, { place, wants: (chat) => keyOf(chat) === wanted });
    assert.deepEqual([report.found, report.imported], [1, 1]);
    const after = await look();
    assert.deepEqual(
      after.chats.filter(({ isKnown }) => isKnown).map(({ title }) => title),
      ['Chat two'],
    );
    assert.match(placeLines([after])[0] ?? '', /^1 {2}Claude Code {2}.*projects {2}\(3 chats, 1 already imported\)$/);
  });
});

describe('rows of a list', () => {
  for (const [text, rows] of [
    ['2', [1]],
    ['1,3-4', [0, 2, 3]],
    [' 4 2, 2 ', [1, 3]],
    ['all', [0, 1, 2, 3]],
    ['ALL', [0, 1, 2, 3]],
    ['', []],
    ['none', []],
    ['0', undefined],
    ['5', undefined],
    ['3-2', undefined],
    ['1-9', undefined],
    ['x', undefined],
    ['1, all', undefined],
    ['-1', undefined],
    ['1.5', undefined],
  ] as const)
    it(`are chosen by ${JSON.stringify(text)}`, () => assert.deepEqual(rowsIn(text, 4), rows));

  it('are asked for again, but not for ever', async () => {
    const answers = ['x', '9', '1'];
    assert.deepEqual(await chooseRows(async () => answers.shift() ?? '', 'Which?', 2), [0]);
    await assert.rejects(
      chooseRows(async () => 'x', 'Which?', 2),
      /numbers from 1 to 2/,
    );
  });

  it('are first places, then chats of each', async () => {
    const place = (path: string, count: number): SurveyedPlace => ({
      path,
      place: { source: 'codex', files: [] },
      unreadable: 0,
      chats: Array.from({ length: count }, (_, index) => ({
        key: `codex ${path}${index}`,
        title: 'x',
        updatedAt: 1,
        messages: 1,
        isKnown: false,
      })),
    });
    const asked: string[] = [];
    const answers = ['1-4', '1', 'all', ''];
    const chosen = await chooseImports(
      async (question) => {
        asked.push(question.split('?')[0] ?? '');
        return answers.shift() ?? 'x';
      },
      [place('a', 2), place('b', 3), place('c', 1), place('d', 2)],
      () => {},
    );
    assert.deepEqual(asked, ['Import from which', 'Which chats', 'Which chats', 'Which chats']);
    assert.deepEqual(
      chosen.map(({ found, keys }) => [found.path, keys && [...keys]]),
      [
        ['a', ['codex a0']],
        ['b', undefined],
        ['c', undefined],
      ],
    );
  });
});

// `switchyard export` and `switchyard import` as their users run them, and one long chat that passes through the daemon in pages.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { ChatList, ChatMessages, ChatTree } from '../../../shared/protocol/index.ts';
import { writeScriptedModel } from '../../fakes/gguf.ts';
import { Home } from '../home.ts';
import { assertSentence, openEditor } from '../lsp-client.ts';

describe('chats that leave and come in', () => {
  let home: Home;
  let chatId: string;

  /** Runs a command to its good end, and returns what it printed. */
  async function run(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await home.switchyard(args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  before(async () => {
    home = new Home();
    writeScriptedModel(home.file('tiny.gguf'), 'A boat \u001b]0;floats\u0007.', {
      when: [{ promptHas: 'Write a title', script: 'Sorry, none.' }], // the question's first words stay
    });
    home.configure({ localModels: [home.file('tiny.gguf')] });
    ({ chatId } = JSON.parse(await run('chat', 'Which "boat"?', '--json')) as { chatId: string });
    await run('profiles', 'create', 'Other');
  });
  after(() => home[Symbol.asyncDispose]());

  it('are Markdown files with a front matter, which nobody else can read', async () => {
    await run('export', '--all', '--out', 'notes');
    const names = readdirSync(join(home.folder, 'notes'));
    assert.equal(names.length, 1);
    const [name = ''] = names;
    assert.match(name, /^which-boat-[0-9a-f]{12}\.md$/);
    const text = readFileSync(home.file('notes', name), 'utf8');
    const [, head, body = ''] = text.split(/^---\n/m);
    assert.match(
      head ?? '',
      /^id: "[0-9a-f-]{36}"\ntitle: "Which \\"boat\\"\?"\ncreated: \d{4}-\S+Z\nupdated: \d{4}-\S+Z\nmodel: "local\/tiny"\n$/,
    );
    assert.ok(body.startsWith('\n# Which "boat"?\n\n## You\n\n*'), body);
    assert.match(text, /## Answer by local\/tiny\n\n\*.*Z\*\n\nA boat /);
    if (process.platform !== 'win32') assert.equal(statSync(home.file('notes', name)).mode & 0o777, 0o600);
    assert.equal(await run('export', '--chat', chatId), text, 'one alone is printed');
  });

  it('are one document that another profile takes, once', async () => {
    const document = await run('export', '--all', '--format', 'json');
    await run('export', '--chat', chatId, '--format', 'json', '--out', 'one.json');
    assert.equal(readFileSync(home.file('one.json'), 'utf8'), document);
    assert.equal(
      await run('import', 'one.json', '--profile', 'other', '--dry-run'),
      '1 chat of Switchyard: 1 new. 2 messages would be added.\n',
    );
    const report = {
      dryRun: false,
      source: 'switchyard',
      found: 1,
      imported: 1,
      grown: 0,
      known: 0,
      messages: 2,
      skipped: [],
    };
    assert.deepEqual(JSON.parse(await run('import', 'one.json', '--profile', 'other', '--json')), report);
    assert.deepEqual(JSON.parse(await run('import', 'one.json', '--profile', 'other', '--json')), {
      ...report,
      imported: 0,
      known: 1,
      messages: 0,
    });
    assert.equal(await run('import', 'one.json'), '1 chat of Switchyard: 0 new, 1 already here.\n');
    const other = await run('export', '--all', '--format', 'json', '--profile', 'other');
    assert.deepEqual(withoutIds(other), withoutIds(document));
  });

  it('what is skipped is told without what could steer a terminal', async () => {
    writeFileSync(
      home.file('chats.json'),
      '[{"title":"\\u001b]0;x\\u0007","conversation_id":"c","mapping":{"q":{"id":"q","message":{"author":{"role":"user"},"content":{"content_type":"text","parts":["Hello"]}}}}},{"title":"\\u001b[31m","mapping":7}]',
    );
    const said = await run('import', 'chats.json');
    assert.equal(
      said,
      '2 chats of ChatGPT: 1 new, 1 skipped. 1 message was added.\nSkipped chat 2 of chats.json: it has no message tree.\n',
    );
  });

  it('on this machine are listed where nobody can be asked, and all of them taken when told so', async () => {
    home.variables = {
      HOME: home.folder,
      USERPROFILE: home.folder,
      CLAUDE_CONFIG_DIR: '',
      XDG_CONFIG_HOME: home.folder,
    };
    delete home.variables['CLAUDE_CONFIG_DIR'];
    const none = await home.switchyard(['import']);
    assert.deepEqual([none.code, none.stdout], [0, 'No chats of other programs were found on this machine.\n']);
    assert.match(none.stderr, /^hint: .*switchyard import PATH/);
    for (const id of ['a', 'b'])
      writeFileSync(
        home.file('.claude', 'projects', 'p', `${id}.jsonl`),
        `${JSON.stringify({ uuid: id, parentUuid: null, type: 'user', sessionId: id, timestamp: '2025-01-01T00:00:00Z', message: { role: 'user', content: `Chat ${id}` } })}\n`,
      );
    const path = join(home.folder, '.claude', 'projects');
    const listed = await home.switchyard(['import']);
    assert.match(listed.stdout, /^1 {2}Claude Code {2}~.*projects {2}\(2 chats\)\n$/);
    assert.match(listed.stderr, /^hint: .*switchyard import --all/);
    assert.equal(listed.code, 0);
    const place = { source: 'claude-code', program: 'Claude Code', path, chats: 2, known: 0, unreadable: 0 };
    assert.deepEqual(JSON.parse(await run('import', '--json')), { places: [place] });
    assert.equal(await run('import', '--all'), '2 chats of Claude Code: 2 new. 2 messages were added.\n');
    assert.deepEqual(JSON.parse(await run('import', '--json')), { places: [{ ...place, known: 2 }] });
    const { imports } = JSON.parse(await run('import', '--all', '--json')) as { imports: { known: number }[] };
    assert.deepEqual(
      imports.map(({ known }) => known),
      [2],
    );
  });

  it('one of twenty thousand messages comes and goes whole, and no page of it holds more than 200', async () => {
    const messages = Array.from({ length: 20_000 }, (_, index) => ({
      id: `m${index}`,
      ...(index > 0 && { parentId: `m${index - 1}` }),
      role: index % 2 === 0 ? 'user' : 'assistant',
      text: `Message ${index} `,
      status: 'complete',
      createdAt: 1_700_000_000_000 + index,
    }));
    const chat = {
      title: 'Long',
      createdAt: 1,
      updatedAt: 1_700_000_000_000,
      origin: { source: 'switchyard', id: 'long' },
      messages,
    };
    const document = `{\n"format": "switchyard-chats",\n"version": 1,\n"chats": [\n${JSON.stringify({ ...chat, messages: [] }).slice(0, -2)}\n${messages.map((message) => JSON.stringify(message)).join(',\n')}\n]}\n]\n}\n`;
    writeFileSync(home.file('long.json'), document);
    await run('profiles', 'create', 'Long');
    await run('import', 'long.json', '--profile', 'long');
    const back = await run('export', '--all', '--format', 'json', '--profile', 'long');
    assert.deepEqual(withoutIds(back), withoutIds(document));
    const editor = await openEditor(home, { switchyard: { profile: 'long' } });
    const {
      chats: [long],
    } = await editor.call(ChatList, {});
    assert.equal(long?.messageCount, 20_000);
    assert.equal((await editor.call(ChatTree, { chatId: long?.id ?? '' })).messages.length, 50);
    assert.deepEqual(
      (await editor.call(ChatMessages, { chatId: long?.id ?? '', limit: 2 })).messages.map(({ text }) => text),
      ['Message 19998 ', 'Message 19999 '],
    );
    await editor.leave();
  });

  const endings: [args: string[], code: number, pattern: RegExp][] = [
    [['export'], 2, /--chat ID.*or --all/],
    [['export', '--all', '--chat', 'x'], 2, /--chat ID/],
    [['export', '--all'], 2, /--out DIR/],
    [['export', '--all', '--format', 'pdf', '--out', 'x'], 2, /not "pdf"/],
    [
      ['export', '--chat', 'none', '--format', 'json', '--out', 'none.json'],
      3,
      /No chat here has an ID that begins with "none"\./,
    ],
    [['export', '--all', '--out', 'tiny.gguf/x'], 3, /Can't write .*tiny\.gguf/],
    [['export', '--all', '--out', 'x', '--profile', 'none'], 3, /no such profile/],
    [['import', 'a', 'b'], 2, /Unexpected argument "b"/],
    [['import', 'x', '--from', 'word'], 2, /--from must be one of/],
    [['import', 'none.json'], 3, /it doesn't exist/],
    [['import', 'tiny.gguf'], 3, /No chats were found/],
  ];
  for (const [args, code, pattern] of endings) {
    it(`\`${args.join(' ')}\` ends with ${code}`, async () => {
      const ended = await home.switchyard(args);
      assert.deepEqual([ended.code, ended.stdout], [code, ''], ended.stderr);
      assert.match(ended.stderr, pattern);
      if (code === 3) for (const line of ended.stderr.trim().split('\n')) assertSentence(line);
      assert.equal(existsSync(home.file('none.json')), false);
    });
  }
});

/** A document's chats, with the ids of messages replaced by their places; a project is known by its folder in every profile. */
function withoutIds(document: string): unknown {
  const { chats } = JSON.parse(document) as {
    chats: { project?: { folder: string }; messages: { id: string; parentId?: string }[] }[];
  };
  return chats.map(({ messages, project, ...chat }) => {
    const places = new Map(messages.map(({ id }, place) => [id, String(place)]));
    const text = JSON.stringify(
      messages.map(({ id, parentId, ...message }) => ({
        ...message,
        id: places.get(id),
        parentId: places.get(parentId ?? ''),
      })),
    );
    return {
      ...chat,
      folder: project?.folder,
      messages: JSON.parse(
        [...places].slice(0, 10).reduce((all, [id, place]) => (id.length > 30 ? all.replaceAll(id, place) : all), text),
      ) as unknown,
    };
  });
}

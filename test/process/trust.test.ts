// A clone that would run code: nothing of it runs for any client until its folder is trusted.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { IndexRefresh, IndexStatus } from '../../shared/protocol/code-index.ts';
import type { ClientOptions } from '../../shared/protocol/daemon.ts';
import { ReviewRun } from '../../shared/protocol/review.ts';
import { Home } from './home.ts';
import { failureOf, openEditor } from './lsp-client.ts';

describe('the code of a clone', () => {
  let home: Home;
  let clone: string;
  let mark: string;

  before(() => {
    home = new Home();
    clone = home.project('clone');
    mark = home.project('ran');
    const script = `require('node:fs').writeFileSync(${JSON.stringify(mark)}, '')`;
    const files = {
      '.git/HEAD': 'ref: refs/heads/main\n',
      'node_modules/typescript/package.json': '{"name":"typescript","bin":{"tsc":"tsc.cjs"}}',
      'node_modules/typescript/tsc.cjs': script,
      'node_modules/eslint/package.json': '{"name":"eslint","bin":"eslint.cjs"}',
      'node_modules/eslint/eslint.cjs': script,
      'eslint.config.mjs': script,
      'tsconfig.json': '{}',
      '.venv/bin/ruff': `#!/bin/sh\ntouch '${mark}'\n`,
      'src/a.ts': 'export const a = 1;\n',
      'src/a.js': 'export const a = 1;\n',
      'src/a.py': 'a = 1\n',
    };
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(clone, path)), { recursive: true });
      writeFileSync(join(clone, path), text);
    }
    chmodSync(join(clone, '.venv/bin/ruff'), 0o755);
    symlinkSync(join(clone, 'src'), home.project('linked'), 'junction');
    mkdirSync(home.project('elsewhere'));
  });
  after(() => home[Symbol.asyncDispose]());

  function hasRun(): boolean {
    const ran = existsSync(mark);
    rmSync(mark, { force: true });
    return ran;
  }

  async function reviewInEditor(switchyard: ClientOptions, folder: string, file: string): Promise<string[]> {
    const editor = await openEditor(home, {
      folder: pathToFileURL(folder).href,
      switchyard,
      capabilities: { textDocument: { publishDiagnostics: {} } },
    });
    const uri = pathToFileURL(file).href;
    editor.open(uri, 'export const a = 1;\n', 'typescript');
    await editor.call(ReviewRun, { textDocument: { uri } });
    const messages = editor.notifications.items.filter(({ method }) => method === 'window/showMessage');
    await editor.leave();
    return messages.map(({ params }) => (params as { message: string }).message);
  }

  const strangers: Record<string, () => Promise<unknown>> = {
    'for a command in it': () => home.switchyard(['review', 'src/a.ts'], '', clone),
    'for a command in a folder of it': () => home.switchyard(['review', 'a.js'], '', join(clone, 'src')),
    'for a command from elsewhere': () => home.switchyard(['review', join(clone, 'src/a.ts')]),
    'for a command through a link': () => home.switchyard(['review', home.project('linked', 'a.ts')]),
    'for a command, in its Python environment': () => home.switchyard(['review', 'src/a.py'], '', clone),
    'for an editor that says nothing': () => reviewInEditor({}, clone, join(clone, 'src/a.ts')),
    'for an editor that does not trust it': () =>
      reviewInEditor({ workspaceTrusted: false }, clone, join(clone, 'src/a.ts')),
    'for an editor whose trusted window is elsewhere': () =>
      reviewInEditor({ workspaceTrusted: true }, home.project('elsewhere'), join(clone, 'src/a.ts')),
  };
  for (const [client, review] of Object.entries(strangers))
    it(`does not run unasked ${client}`, async () => {
      await review();
      assert.equal(hasRun(), false);
    });

  it('is spoken of: by a command in a hint, by the daemon to an editor that says nothing of trust', async () => {
    const { stderr } = await home.switchyard(['review', 'src/a.ts'], '', clone);
    assert.match(
      stderr,
      new RegExp(`^hint: To run this folder's own linters, trust it with \`switchyard trust ${clone}\`\\.$`, 'm'),
    );
    assert.match(stderr, /isn't trusted.*tsc/);
    assert.match(stderr, /; need a trusted folder: tsc/);
    assert.doesNotMatch(stderr, /failed/);
    const [message, ...more] = await reviewInEditor({}, clone, join(clone, 'src/a.ts'));
    assert.match(message ?? '', /isn't trusted.*switchyard trust/);
    assert.deepEqual(more, []);
  });

  it('is not spoken of where it has no linters to run', async () => {
    writeFileSync(home.project('bare', 'notes.txt'), 'Some words.\n');
    const { stderr } = await home.switchyard(['review', 'notes.txt'], '', home.project('bare'));
    assert.doesNotMatch(stderr, /trust/);
  });

  it('is not indexed for an editor that does not trust it, even when that is asked for', async () => {
    const folder = pathToFileURL(clone).href;
    const editor = await openEditor(home, {
      folder,
      switchyard: { workspaceTrusted: false },
      capabilities: { textDocument: {} },
    });
    const refused = await failureOf(editor.call(IndexRefresh, { root: folder }));
    const { files } = await editor.call(IndexStatus, { root: folder });
    await editor.leave();
    assert.deepEqual([refused.data?.retryable, files], [false, 0]);
  });

  it('runs once the folder is trusted, by an editor for its window or by the user for all, until that is taken back', async () => {
    await reviewInEditor({ workspaceTrusted: true }, clone, join(clone, 'src/a.ts'));
    assert.equal(hasRun(), true, 'trusted by its editor');
    const document = (text: string): unknown => JSON.parse(text) as unknown;
    const entry = { root: pathToFileURL(clone).href, trusted: true };
    assert.deepEqual(document((await home.switchyard(['trust', clone, '--json'])).stdout), { folder: entry });
    const listed = document((await home.switchyard(['trust', '--list', '--json'])).stdout);
    assert.deepEqual(listed, { folders: [entry], allowed: [] });
    const { stderr } = await home.switchyard(['review', 'src/a.ts'], '', clone);
    assert.equal(hasRun(), true, 'trusted by the user');
    assert.doesNotMatch(stderr, /hint: /);
    await reviewInEditor({}, clone, join(clone, 'src/a.ts'));
    assert.equal(hasRun(), true, 'for every client');
    await reviewInEditor({ workspaceTrusted: false }, clone, join(clone, 'src/a.ts'));
    assert.equal(hasRun(), false, 'but where an editor says otherwise');
    await home.switchyard(['trust', clone, '--remove']);
    await home.switchyard(['review', 'src/a.ts'], '', clone);
    assert.equal(hasRun(), false, 'taken back');
  });

  for (const args of [['trust'], ['trust', 'a', 'b'], ['trust', '--list', 'a'], ['trust', '--list', '--remove']])
    it(`\`${args.join(' ')}\` is refused with its usage`, async () => {
      const { code, stderr } = await home.switchyard(args);
      assert.equal(code, 2);
      assert.match(stderr, /Usage: switchyard trust DIR/);
    });
});

// `switchyard ocr`, and `@ocr` in a question: the text of a picture, as the built program reads it.
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { ChatMessages, ChatSend } from '../../../shared/protocol/chat.ts';
import { ContextSuggest } from '../../../shared/protocol/context.ts';
import { VisionOcr } from '../../../shared/protocol/vision.ts';
import { png } from '../../fakes/pictures/png.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import type { ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import { Home } from '../home.ts';
import { failureOf, openEditor } from '../lsp-client.ts';

const pictures = new URL('../../daemon/features/vision/recognition/pictures/', import.meta.url);
const text = readFileSync(new URL('one-line.txt', pictures), 'utf8').trimEnd();

describe('the text of a picture, in the built program', () => {
  let home: Home;
  let server: ScriptedServer;
  let file: string;

  before(async () => {
    server = await startOpenAiServer({ reply: 'It joins ids.' });
    home = new Home({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } } });
    file = home.project('work', 'shot.png');
    copyFileSync(fileURLToPath(new URL('one-line.png', pictures)), file);
    copyFileSync(file, home.project('work', 'hidden.png'));
    writeFileSync(home.project('work', '.switchyardignore'), 'hidden.png\n');
    const white = png({ width: 40, height: 40, colorType: 0, depth: 8, pixel: () => [255] });
    writeFileSync(home.project('work', 'white.png'), white);
    writeFileSync(home.project('work', 'notes.png'), 'no picture');
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server.close();
  });

  it('is printed, and nothing else', async () => {
    const { code, stdout, stderr } = await home.switchyard(['ocr', file]);
    assert.deepEqual([code, stdout, stderr], [0, `${text}\n`, '']);
  });

  it('is one document with --json, with a place for each line', async () => {
    const { stdout } = await home.switchyard(['ocr', file, '--json']);
    const { text: read, lines } = JSON.parse(stdout) as { text: string; lines: { text: string; box: object }[] };
    assert.deepEqual([read, lines.map(({ text }) => text)], [text, [text]]);
  });

  for (const [name, code, says] of [
    ['white.png', 0, /^No text was found in white\.png\.\n$/],
    ['notes.png', 3, /isn't a PNG, JPEG, GIF, or WebP picture/],
    ['none.png', 3, /doesn't exist/],
  ] as const)
    it(`is a sentence where there is none: ${name}`, async () => {
      const ended = await home.switchyard(['ocr', home.project('work', name)]);
      assert.equal(ended.code, code);
      assert.equal(ended.stdout, '');
      assert.match(ended.stderr, says);
    });

  it('wants a file', async () => assert.equal((await home.switchyard(['ocr'])).code, 2));

  it('goes along with a question that mentions the picture, and not from one that is kept from models', async () => {
    const folder = pathToFileURL(home.project('work')).href;
    const editor = await openEditor(home, { folder });
    const { items } = await editor.call(ContextSuggest, { kind: 'ocr', query: 'sh' });
    assert.deepEqual(
      items.map(({ kind, name }) => [kind, name]),
      [['ocr', 'shot.png']],
    );
    const { chatId } = await editor.call(ChatSend, { text: '@ocr:shot.png what is this?', model: 'lab/scripted' });
    assert.ok(JSON.stringify(server.chats.at(-1)?.body).includes(JSON.stringify(text).slice(1, -1)));
    const { messages } = await editor.call(ChatMessages, { chatId });
    assert.deepEqual(
      messages[0]?.attachments?.map(({ kind, text: read }) => [kind, read]),
      [['ocr', text]],
    );
    await editor.call(ChatSend, { text: '@ocr:hidden.png what is this?', model: 'lab/scripted' });
    assert.ok(!JSON.stringify(server.chats.at(-1)?.body).includes('lines.map'));
    const failure = await failureOf(editor.ask(VisionOcr, { image: 'bm8gcGljdHVyZQ==' }).result);
    assert.match(failure.message, /isn't a PNG, JPEG, GIF, or WebP picture/);
  });
});

// Pictures that are made, from end to end: in a terminal into the file that is named, in a chat to whoever asked, and nowhere else.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { ChatMessages, ChatSend } from '../../../shared/protocol/chat.ts';
import { png } from '../../fakes/pictures/png.ts';
import { Home } from '../home.ts';
import { failureOf, openEditor } from '../lsp-client.ts';

const drawn = png({ width: 40, height: 30, colorType: 2, depth: 8, pixel: (x, y) => [x * 6, y * 8, (x * y) % 256] });

/** A server of the user's own that draws, and counts how often. */
async function startDrawing() {
  let drawings = 0;
  const http = createServer((request, response) => {
    request.resume();
    const isDrawing = request.url?.endsWith('/images/generations') === true;
    if (isDrawing) drawings++;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isDrawing ? { data: [{ b64_json: drawn.toString('base64') }] } : { data: [] }));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const baseUrl = `http://127.0.0.1:${(http.address() as AddressInfo).port}/v1`;
  return {
    config: { providers: { lab: { type: 'openai-compatible', baseUrl } }, vision: { pictureModel: 'lab/draw' } },
    count: () => drawings,
    [Symbol.asyncDispose]: async () => {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

describe('a picture that is made', () => {
  it('is in the file that the terminal names, and is not paid for where it could not be', async () => {
    await using server = await startDrawing();
    await using home = new Home(server.config);
    const folder = join(home.project('work', 'x'), '..');
    const run = (...args: string[]) => home.switchyard(['run', '--mode', 'image', ...args], '', folder);
    writeFileSync(join(folder, 'there.png'), 'mine');
    for (const [args, code, sentence] of [
      [['A lighthouse'], 2, /Say where to save the picture/],
      [['A lighthouse', '--out', 'there.png'], 3, /there\.png is there already/],
      [['A lighthouse', '--out', 'no/folder/a.png'], 3, /can't be written \(ENOENT\)/],
    ] as const) {
      const refused = await run(...args);
      assert.equal(refused.code, code, refused.stderr);
      assert.match(refused.stderr, sentence);
    }
    assert.deepEqual([server.count(), readFileSync(join(folder, 'there.png'), 'utf8')], [0, 'mine']);
    const made = await run('A lighthouse', '--out', 'a.png');
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stderr, /Saved .*a\.png\nlab\/draw · \$0.*\n$/);
    assert.deepEqual(readFileSync(join(folder, 'a.png')), drawn);
    const other = await home.switchyard(['run', 'A lighthouse', '--mode', 'video'], '', folder);
    assert.match(other.stderr, /doesn't make videos yet/);
  });

  it('goes to whoever asks in a chat, which keeps a sentence about it', async () => {
    await using server = await startDrawing();
    await using home = new Home(server.config);
    const editor = await openEditor(home);
    const { result, parts } = editor.ask(ChatSend, { text: 'A lighthouse', mode: 'image' });
    const { chatId } = await result;
    const data = parts.items.map((part) => (part.kind === 'picture' ? part.data : '')).join('');
    assert.deepEqual(Buffer.from(data, 'base64'), drawn);
    const { messages } = await editor.call(ChatMessages, { chatId });
    assert.deepEqual(
      messages.map(({ text }) => text.slice(0, 31)),
      ['A lighthouse', 'Made a picture with lab/draw. P'],
    );
    const failed = await failureOf(editor.call(ChatSend, { text: 'A film', mode: 'video' }));
    assert.match(failed.message, /doesn't make videos yet/);
    await editor.leave();
    const block = drawn.subarray(60, 124);
    for (const name of readdirSync(home.folder, { recursive: true, encoding: 'utf8' })) {
      const path = join(home.folder, name);
      if (!existsSync(path) || !statSync(path).isFile()) continue;
      assert.ok(!readFileSync(path).includes(block), `${name} has it`);
    }
  });
});

// Pictures in the chat view, in a real browser under its strict policy: pasted, dropped, chosen, handed over, removed, sent, and gone.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Locator } from 'playwright-core';
import type { SentAttachment } from '../../../shared/protocol/chat.ts';
import { until } from '../harness/until.ts';
import type { View } from '../harness/view.ts';
import { everyLook, lookName, ViewSuite } from '../harness/view-suite.ts';

/** Gives the composer a picture that the page has drawn. */
async function give(view: View, how: 'paste' | 'drop', name: string): Promise<void> {
  await view.chat.composer.evaluate(
    async (element, given) => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [640, 400];
      const context = canvas.getContext('2d');
      if (!context) throw new Error('no canvas');
      context.fillStyle = '#1e6fd9';
      context.fillRect(0, 0, 640, 400);
      context.fillStyle = '#ffd166';
      context.fillRect(80, 80, 240, 240);
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
      const data = new DataTransfer();
      data.items.add(new File([blob ?? ''], given.name, { type: 'image/png' }));
      const init = { bubbles: true, composed: true, cancelable: true };
      element.dispatchEvent(
        given.how === 'paste'
          ? new ClipboardEvent('paste', { ...init, clipboardData: data })
          : new DragEvent('drop', { ...init, dataTransfer: data }),
      );
    },
    { how, name },
  );
}

/** The colour in the middle of a picture's canvas, once it is drawn. */
async function drawnColour(picture: Locator): Promise<string> {
  let colour = '';
  await until('the picture drawn', async () => {
    colour = await picture.evaluate((canvas: HTMLCanvasElement) =>
      [...(canvas.getContext('2d')?.getImageData(canvas.width / 4, canvas.height / 2, 1, 1).data ?? [])].join(),
    );
    return colour !== '0,0,0,0';
  });
  return colour;
}

describe('pictures in the chat view', () => {
  const suite = new ViewSuite(() => {}, { actions: ['copy', 'attach', 'attach-files'], host: 'vscode' });
  const sent = (view: View) =>
    view.server.asked
      .filter(({ method }) => method === 'switchyard/chat/send')
      .map(({ params }) => (params as { attachments?: SentAttachment[] }).attachments ?? []);

  for (const look of everyLook) {
    it(`shows what is attached, and what was sent (${lookName(look)})`, async () => {
      await using view = await suite.open(look);
      const { page, chat } = view;
      await give(view, 'paste', 'image.png');
      await give(view, 'drop', 'a chart with a rather long name of the second quarter.png');
      const shown = page.getByRole('img', { name: 'image.png' });
      assert.equal(await drawnColour(shown), '255,209,102,255');
      await page.getByText('640 × 400').first().waitFor();
      await suite.screenshots.take(page, `pictures-attached-${lookName(look)}`);
      await chat.ask('What is this?');
      await chat.settled();
      await page.getByRole('list', { name: 'Pictures' }).waitFor();
      const [attachments = []] = sent(view);
      assert.deepEqual(
        attachments.map(({ kind, uri, text }) => [kind, uri, text]),
        [
          ['image', 'dropped:image.png', ''],
          ['image', `dropped:${encodeURIComponent('a chart with a rather long name of the second quarter.png')}`, ''],
        ],
      );
      assert.ok(attachments.every(({ data = '' }) => Buffer.from(data, 'base64').subarray(1, 4).toString() === 'PNG'));
      assert.ok(await view.fitsItsWidth());
      await suite.screenshots.take(page, `pictures-sent-${lookName(look)}`);
    });
  }

  it('removes one by keyboard, and goes back to the question', async () => {
    await using view = await suite.open();
    const { page, chat } = view;
    await give(view, 'paste', 'image.png');
    await give(view, 'paste', 'image.png');
    const second = page.getByRole('button', { name: 'Remove image-2.png' });
    await second.focus();
    await second.press('Delete');
    await second.waitFor({ state: 'detached' });
    await page.keyboard.type('Why?');
    await until('the question typed', async () => (await chat.composer.inputValue()) === 'Why?');
    await page.getByRole('button', { name: 'Remove image.png' }).press('Enter');
    await page.getByRole('list', { name: 'Pictures' }).waitFor({ state: 'detached' });
  });

  it('takes one that is chosen, and one that the editor hands over', async () => {
    await using view = await suite.open();
    const { page } = view;
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByRole('button', { name: 'Attach a picture' }).click(),
    ]);
    const dot = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    await chooser.setFiles({ name: 'dot.png', mimeType: 'image/png', buffer: dot });
    await page.getByRole('button', { name: 'Remove dot.png' }).waitFor();
    await page.evaluate(
      (bytes) =>
        window.postMessage({
          type: 'attach-picture',
          uri: 'file:///shop/logo.png',
          name: 'logo.png',
          bytes: new Uint8Array(bytes),
        }),
      [...dot],
    );
    await page.getByRole('button', { name: 'Remove logo.png' }).waitFor();
  });

  it('keeps nothing of one when the view is closed, and says so', async () => {
    await using view = await suite.open();
    const { page, chat } = view;
    await give(view, 'paste', 'image.png');
    await chat.composer.fill('What is this?');
    await until('the draft saved', () =>
      page.evaluate(() => (sessionStorage.getItem('vscode-state') ?? '').includes('What is this?')),
    );
    const saved = await page.evaluate(() => sessionStorage.getItem('vscode-state') ?? '');
    assert.match(saved, /image\.png/);
    assert.doesNotMatch(saved, /base64|blob:/);
    await page.reload();
    await page.getByText("Attach image.png again. Pictures aren't kept when this view is closed.").waitFor();
    assert.equal(await chat.composer.inputValue(), 'What is this?');
    await suite.screenshots.take(page, 'pictures-lost-narrow-dark');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByText('Attach image.png again.').waitFor({ state: 'detached' });
  });

  it('loads no picture that an answer asks for', async () => {
    suite.daemon.write = async ({ say }) =>
      say('![x](https://evil.example/a.png) ![y](data:image/png;base64,AAAA) done');
    await using view = await suite.open();
    await view.chat.ask('Show me.');
    await view.chat.answerWith('done');
    assert.equal(await view.page.locator('img').count(), 0);
  });
});

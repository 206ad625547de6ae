// What the editor is told to show has no hidden character and no link, whichever way it goes; what was picked from a list is what stood in it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { cleanShown, cleanTexts } from '../../../extension/logic/clean-shown.ts';
import { projectFiles, root } from '../../architecture/sources.ts';

const dirty = 'a\u202eb\u200bc\u061cd\u{e0041}e\u0007';

/** Remembers what it was told, and picks the last thing that it was shown. */
class ToldWindow {
  readonly told: unknown[] = [];

  showMessage(...texts: unknown[]): Promise<unknown> {
    this.told.push(...texts);
    return Promise.resolve(texts.at(-1));
  }

  async showQuickPick(items: unknown, options: { canPickMany?: boolean }): Promise<unknown> {
    const list = (await items) as object[];
    this.told.push(list, options);
    return options.canPickMany ? list.slice(-1) : list.at(-1);
  }

  info(line: string): void {
    this.told.push(line);
  }
}

describe('what the editor shows', () => {
  const members: Record<string, (window: ToldWindow) => unknown> = {
    'a message': (window) => window.showMessage(dirty),
    'a button': (window) => window.showMessage('Sure?', { title: dirty }),
    'the detail of a question': (window) => window.showMessage('Sure?', { modal: true, detail: dirty }),
    'a label': (window) => window.showQuickPick([{ label: dirty }], {}),
    'a description that comes later': (window) =>
      window.showQuickPick(Promise.resolve([{ label: 'x', description: dirty, detail: dirty }]), {}),
    'a title': (window) => window.showQuickPick([{ label: 'x' }], { title: dirty, placeHolder: dirty } as object),
    'a line of the log': (window) => window.info(dirty),
  };
  for (const [what, show] of Object.entries(members))
    it(`has no hidden character: ${what}`, async () => {
      const window = new ToldWindow();
      await show(cleanShown(window));
      const told = JSON.stringify(window.told);
      assert.ok(told.includes('abcde'), told);
      assert.doesNotMatch(told, /[\u202e\u200b\u061c\u{e0041}]|\\u0007/u);
    });

  const links = [
    '[Apply](command:workbench.action.terminal.sendSequence?%7B%7D)',
    '[Apply](COMMAND:workbench.action.quit "title")',
    '[docs](https://example.com)',
    '[docs](http://example.com)',
    '[file](file:///etc/passwd)',
    '[Apply](\u200bcommand:workbench.action.quit)',
  ];
  for (const link of links)
    it(`has no link: ${JSON.stringify(link)}`, () => {
      const window = new ToldWindow();
      cleanShown(window).showMessage(`The judge says ${link}.`, { modal: true, detail: link });
      assert.doesNotMatch(JSON.stringify(window.told), /\]\(/);
    });

  it('keeps brackets that make no link', () => {
    const window = new ToldWindow();
    cleanShown(window).showMessage('handlers[name](event) in [a](b)');
    assert.deepEqual(window.told, ['handlers[name](event) in [a](b)']);
  });

  it('is answered with what was picked, as it was', async () => {
    const button = { icon: dirty };
    const item = { label: dirty, path: dirty, buttons: [button] };
    const window = cleanShown(new ToldWindow());
    assert.equal(await window.showQuickPick([item], {}), item);
    assert.deepEqual(await window.showQuickPick([item], { canPickMany: true }), [item]);
    const [copy] = cleanTexts([item]);
    assert.deepEqual([copy?.label, copy?.path], ['abcde', dirty]);
    assert.equal(copy?.buttons[0], button);
  });

  it('goes through the one window', () => {
    const beside = projectFiles()
      .filter((file) => file.startsWith('extension/') && file !== 'extension/window.ts')
      .filter((file) =>
        /vscode\.window\s*\.(show(Information|Warning|Error)Message|showQuickPick|showInputBox|withProgress|setStatusBarMessage)|=\s*vscode\.window;/.test(
          readFileSync(`${root}/${file}`, 'utf8'),
        ),
      );
    assert.deepEqual(beside, []);
  });
});

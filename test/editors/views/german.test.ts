// The views in German, in a real browser: German is longer, and nothing of it is cut.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { AgentApproval } from '../../../shared/protocol/agent.ts';
import { HistoryDaemon } from '../../webview/history-daemon.ts';
import { usage } from '../../webview/scripted-runs.ts';
import type { View } from '../harness/view.ts';
import { BrowserSuite, lookName, ViewSuite } from '../harness/view-suite.ts';

const runTests: AgentApproval = {
  callId: '1.1',
  kind: 'run',
  text: 'Run node --test in /home/ada/shop?',
  run: { argv: ['node', '--test'], folder: '/home/ada/shop', scripts: [], network: 'off' },
  canAlways: true,
};

/** Buttons, terms, headings and one-line fields whose words need more room than they have. Runs in the page. */
function cutWords(): string[] {
  const elements = (root: ParentNode): Element[] =>
    [...root.querySelectorAll('*')].flatMap((element) => [
      element,
      ...(element.shadowRoot ? elements(element.shadowRoot) : []),
    ]);
  const words = document.createElement('canvas').getContext('2d');
  const isCut = (element: Element): boolean => {
    const { clientWidth, scrollWidth } = element;
    if (clientWidth === 0 || !(element instanceof HTMLInputElement) || !words) return scrollWidth > clientWidth + 1;
    const { font, paddingLeft, paddingRight } = getComputedStyle(element);
    words.font = font;
    return (
      words.measureText(element.placeholder).width > clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight)
    );
  };
  return elements(document)
    .filter((element) => element.matches('button, .bar .name, summary, dt, h1, h2:not(.name), .status, .badge, input'))
    .filter((element) => element.clientWidth > 0 && isCut(element))
    .map((element) =>
      element instanceof HTMLInputElement ? element.placeholder : (element.textContent?.trim() ?? ''),
    );
}

describe('the chat view in German', () => {
  const suite = new ViewSuite(
    (daemon) => {
      daemon.agent.modes = [
        { id: 'act', title: 'Act', description: 'Does a task.', tools: ['run'], source: 'built-in' },
      ];
    },
    { actions: ['copy', 'review-run', 'undo-run', 'attach', 'run'], host: 'vscode', language: 'de' },
  );
  const fits = async (view: View): Promise<void> => {
    assert.ok(await view.fitsItsWidth());
    assert.deepEqual(await view.page.evaluate(cutWords), []);
  };

  for (const look of [420, 300].flatMap((width) => (['dark', 'light'] as const).map((theme) => ({ theme, width }))))
    it(`begins, asks, and says what came of it (${lookName(look)}, ${look.width} pixels)`, async () => {
      suite.daemon.addChat('An old chat', 2);
      suite.daemon.agent.script = async ({ emit, ask }) => {
        emit({ kind: 'plan', items: [{ text: 'Run its tests', state: 'doing' }] });
        emit({ kind: 'spent', usage, cost: 0.0123, rounds: 3 });
        emit({ kind: 'call', callId: '1.1', step: 1, tool: 'run', call: 'run', title: 'Run node --test' });
        await ask(runTests);
        emit({ kind: 'result', callId: '1.1', ok: true, summary: '3 tests passed', text: 'ok 3' });
        const uri = 'file:///home/ada/shop/src/cart.ts';
        return { text: 'Passed.', changes: [{ uri, path: 'src/cart.ts', change: 'changed', added: 2, removed: 1 }] };
      };
      await using view = await suite.open(look);
      const { page } = view;
      const picture = (name: string) => suite.screenshots.take(page, `german-${name}-${look.width}-${look.theme}`);
      assert.equal(await page.locator('html').getAttribute('lang'), 'de');
      await page.getByRole('heading', { name: 'Fragen Sie zu Ihrem Code' }).waitFor();
      await fits(view);
      await picture('welcome');
      await page.getByRole('button', { name: 'Modus: Chat' }).click();
      await page.getByRole('option', { name: /^Act/ }).click();
      await page.getByRole('textbox', { name: 'Ihre Frage' }).fill('Test it');
      await page.getByRole('button', { name: 'Senden' }).click();
      const allow = page.getByRole('button', { name: 'Einmal erlauben', disabled: false });
      await allow.waitFor();
      await page.getByText('3 Runden').waitFor();
      assert.match(await page.locator('.spent').innerText(), /^3 Runden · 4,2k ein \/ 310 aus · 0,012\s\$ bisher$/);
      await fits(view);
      await picture('approval');
      await allow.click();
      await page.getByText('1 geänderte Datei').waitFor();
      await page.getByRole('button', { name: 'Änderungen prüfen' }).waitFor();
      await fits(view);
      await picture('done');
    });
});

describe('the history in German', () => {
  const suite = new BrowserSuite();

  for (const width of [420, 1200])
    it(`lists, filters, and previews (${width} pixels)`, async () => {
      const daemon = new HistoryDaemon();
      daemon.addChat('How do I total a cart?', 2, (at) => `Message ${at}`);
      const actions = ['save-export', 'open-chat', 'export-all', 'import-chats'] as const;
      await using view = await suite.show(daemon, { view: 'history', actions: [...actions], width, language: 'de' });
      const { page } = view;
      await page.getByText('2 Nachrichten').click();
      await page.getByRole('article', { name: 'Antwort' }).waitFor();
      await page.getByText('1 Eintrag').waitFor();
      assert.ok(await view.fitsItsWidth());
      assert.deepEqual(await page.evaluate(cutWords), []);
      await suite.screenshots.take(page, `german-history-${width}`);
    });
});

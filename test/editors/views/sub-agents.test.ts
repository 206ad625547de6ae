// What a sub-agent does, in a real browser: its calls are folded inside the call that it works for.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { usage } from '../../webview/scripted-runs.ts';
import { everyLook, lookName, ViewSuite } from '../harness/view-suite.ts';

describe('sub-agents in the chat view', () => {
  const suite = new ViewSuite((daemon) => {
    daemon.agent.modes = [
      { id: 'act', title: 'Act', description: 'Does a task.', tools: ['read', 'delegate'], source: 'built-in' },
    ];
  });

  for (const look of everyLook)
    it(`stand inside the call that they work for (${lookName(look)})`, async () => {
      suite.daemon.agent.script = async ({ emit }) => {
        const reads = [1, 2].map((turn) => ({ callId: `1.1.${turn}.1`, path: `src/cart-${turn}.ts` }));
        const made = {
          kind: 'call',
          tool: 'delegate',
          call: 'read',
          title: 'Research: Who adds up the cart?',
        } as const;
        emit({ ...made, callId: '1.1', step: 1 });
        for (const [index, { callId, path }] of reads.entries()) {
          emit({ ...made, callId, within: '1.1', step: index + 1, tool: 'read', title: `Read ${path}` });
          emit({
            kind: 'result',
            callId,
            ok: true,
            summary: `Read ${path}, lines 1-40 of 40.`,
            text: `Lines of ${path}`,
          });
        }
        const summary = 'Research: 3 rounds, 2,100 tokens, $0.004.';
        emit({ kind: 'result', callId: '1.1', ok: true, summary, text: 'cart-2.ts adds it up (src/cart-2.ts:12).' });
        emit({ kind: 'spent', usage, cost: 0.0123, rounds: 4 });
        return { text: 'cart-2.ts does.' };
      };
      await using view = await suite.open(look);
      const { page } = view;
      await view.chat.chooseMode('Act');
      await view.chat.ask('Who adds up the cart?');
      await page.getByText('1 step', { exact: true }).click();
      assert.equal(await page.getByText('Read src/cart-1.ts', { exact: true }).isVisible(), false, 'they are folded');
      await page.getByText('Research: Who adds up the cart?').click();
      await page.getByText('Read src/cart-2.ts', { exact: true }).click();
      await page.getByText('Lines of src/cart-2.ts').waitFor();
      await suite.screenshots.take(page, `sub-agent-${lookName(look)}`);
      assert.ok(await view.fitsItsWidth());
    });
});

// Two editors of one user at the same time: they share everything that is expensive, which is one daemon.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { configFor, filePath, overrun, startModel, surcharge } from './harness/flawed-code.ts';
import { Home } from './harness/home.ts';
import { startEmacs, startNeovim } from './harness/lsp-client.ts';

describe('Neovim and Emacs at once', () => {
  it('start one daemon between them, each sees its own review, and nothing is left when they and the daemon have ended', async () => {
    await using model = await startModel();
    const home = new Home(configFor(model));
    try {
      const options = () => ({
        home,
        file: join(home.workspace(), filePath),
        withEdit: overrun.message,
        withModel: surcharge.message,
      });
      await using neovim = startNeovim(options());
      await using emacs = startEmacs(options());
      const attached = await Promise.all([neovim.step('attached'), emacs.step('attached')]);
      const { pid, clients } = await home.status();
      assert.deepEqual(
        attached.map((step) => step['pid']),
        [pid, pid],
      );
      assert.equal(clients.filter(({ name }) => name !== 'switchyard CLI').length, 2, JSON.stringify(clients)); // eglot does not say its name

      neovim.turn('review');
      emacs.turn('review');
      for (const editor of [neovim, emacs]) {
        const { list } = (await editor.step('diagnostics')) as unknown as { list: unknown[] };
        assert.equal(list.length, 2);
        await editor.step('action', 2);
      }
      assert.deepEqual(await Promise.all([neovim.leave(), emacs.leave()]), [0, 0]);
    } finally {
      await home.end();
    }
  });
});

// What a run of the agent changed, in an editor that speaks LSP alone: shown, kept and undone file by file or change by change, from its own code action menu.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import {
  agentConfigFor,
  filePath,
  flawedCodeIn,
  overrun,
  repair,
  repairIn,
  startModel,
  surcharge,
} from '../harness/flawed-code.ts';
import { type GhostNeovim, startGhostNeovim } from '../harness/ghost-editor.ts';
import { Home } from '../harness/home.ts';
import { until } from '../harness/until.ts';

describe("the agent's changes in Neovim", () => {
  let home: Home;
  let model: ScriptedServer;
  let neovim: GhostNeovim;
  let workspace: string;
  let file: string;
  let original: string;
  let changed: string;

  before(async () => {
    const edit = (given: Record<string, unknown>) => ({ name: 'edit', arguments: given });
    const toolCalls = [
      edit({ path: filePath, old: repair.quote, new: repair.replacement }),
      edit({ path: filePath, old: surcharge.quote, new: surcharge.fixed }),
      edit({ path: filePath, old: overrun.quote, new: overrun.replacement }),
      edit({ path: repair.newPath, new: repair.newText }),
    ];
    model = await startModel([{ when: repair.task, reply: { text: 'I repair it.', toolCalls } }]);
    home = new Home(agentConfigFor(model));
    workspace = home.workspace();
    original = flawedCodeIn(workspace);
    const repaired = original.replace(repair.quote, repair.replacement);
    changed = repaired.replace(surcharge.quote, surcharge.fixed).replace(overrun.quote, overrun.replacement);
    file = join(workspace, filePath);
    neovim = await startGhostNeovim(home, file);
    await repairIn(workspace, home);
  });

  after(async () => {
    await neovim?.[Symbol.asyncDispose]();
    await home?.end();
    await model?.close();
  });

  const onDisk = () => readFileSync(file, 'utf8');
  const act = (title: string) =>
    neovim.evaluate(
      `vim.lsp.buf.code_action({ apply = true, filter = function(action) return vim.startswith(action.title, "${title}") end })`,
    );
  const offered = async () =>
    JSON.stringify(
      await neovim.evaluate(
        'vim.lsp.buf_request_sync(0, "textDocument/codeAction", vim.tbl_extend("error", vim.lsp.util.make_range_params(0, "utf-16"), { context = { diagnostics = {} } }), 10000)',
      ),
    );
  const says = (what: string) =>
    until(what, async () => String(await neovim.evaluate('vim.fn.execute("messages")')).includes(what));

  it('are read from the disk', async () => {
    await neovim.keys(':checktime<CR>');
    await until('the changed text', async () => `${await neovim.text()}\n` === changed);
  });

  it('are shown as a diff', async () => {
    await act('Show the agent');
    const shown = await until('the diff', async () => {
      const texts = (await neovim.evaluate(
        'vim.tbl_map(function(buffer) return table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), "\\n") end, vim.api.nvim_list_bufs())',
      )) as string[];
      return texts.find((text) => text.includes('```diff'));
    });
    assert.ok(shown.includes(`-    ${repair.quote}\n+    ${repair.replacement}`), shown);
    assert.ok(!shown.includes(repair.newPath), shown);
  });

  it('are not undone over what the user has not saved, and they are told', async () => {
    await neovim.keys('Goconst mine = 1;<Esc>');
    await act('Undo the agent');
    await says('unsaved changes');
    assert.equal(onDisk(), changed);
    assert.match(await neovim.text(), /const mine = 1;$/);
    await neovim.keys('u');
  });

  it('are undone one by one, where the cursor is', async () => {
    await neovim.keys('gg');
    assert.doesNotMatch(await offered(), /Undo this change/);
    await neovim.keys(`/${surcharge.fixed}<CR>`);
    await act('Undo this change by the agent');
    await says('1 change undone');
    assert.equal(onDisk(), changed.replace(surcharge.fixed, surcharge.quote));
    await neovim.keys(':checktime<CR>');
    await until('the undone text', async () => `${await neovim.text()}\n` === onDisk());
  });

  it('are kept one by one, where the cursor is', async () => {
    await neovim.keys(`gg/${overrun.replacement.replace('<', '<lt>')}<CR>`);
    assert.match(await offered(), /Keep this change by the agent/);
    await act('Keep this change by the agent');
    await says('Kept 1 change');
    assert.doesNotMatch(await offered(), /this change by the agent/);
    assert.equal(onDisk(), changed.replace(surcharge.fixed, surcharge.quote), 'nothing is written');
  });

  it('are undone in the one file, with what was kept there', async () => {
    await act('Undo the agent');
    await says('1 file restored');
    assert.equal(onDisk(), original);
    assert.equal(readFileSync(join(workspace, repair.newPath), 'utf8'), repair.newText);
    await neovim.keys(':checktime<CR>');
    await until('the original text', async () => `${await neovim.text()}\n` === original);
  });

  it('are kept in another, and offered there no more', async () => {
    await neovim.keys(`:edit ${join(workspace, repair.newPath)}<CR>`);
    await until('its server', async () => (await neovim.evaluate('#vim.lsp.get_clients({ bufnr = 0 })')) === 1);
    await act('Keep the agent');
    await says('Kept the agent');
    assert.doesNotMatch(await offered(), /the agent's changes/);
    assert.match(await offered(), /Review this file/);
    assert.ok(existsSync(join(workspace, repair.newPath)));
  });
});

// Code as one types in editors that speak LSP alone, from a tiny model of this machine: seen, accepted, and counted.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { writeScriptedModel } from '../../fakes/gguf.ts';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import { startGhostEmacs, startGhostNeovim } from '../harness/ghost-editor.ts';
import { Home } from '../harness/home.ts';
import { acceptedCount } from '../harness/outcomes.ts';
import { until } from '../harness/until.ts';

const suggestion = 'first, second);';

describe('ghost text', () => {
  const editors = { 'Neovim 0.12': startGhostNeovim, 'Emacs with lsp-mode': startGhostEmacs };
  for (const [name, start] of Object.entries(editors))
    it(`is shown while one types in ${name}, accepted by its key, and counted as accepted`, async () => {
      const home = new Home();
      try {
        const folder = join(home.folder, 'data', 'models');
        mkdirSync(folder, { recursive: true });
        writeScriptedModel(join(folder, 'coder.gguf'), suggestion, { fimAfter: '(' });
        const workspace = home.workspace();
        const file = join(workspace, 'calls.js');
        writeFileSync(file, 'const first = 1;\n');
        await using editor = await start(home, file);
        await editor.type('add(');
        assert.equal(await until('ghost text', async () => (await editor.ghost()) || undefined), suggestion);
        assert.ok(!(await editor.text()).includes(suggestion));
        await editor.accept();
        await until('the accepted text', async () => (await editor.text()).includes(`add(${suggestion}`) || undefined);
        assert.equal(await editor.ghost(), '');
        await until('the outcome', () => acceptedCount(home) > 0);
      } finally {
        await home.end();
      }
    });

  it('is accepted by the word and by the line in Neovim 0.12', async () => {
    const home = new Home();
    try {
      const folder = join(home.folder, 'data', 'models');
      mkdirSync(folder, { recursive: true });
      writeScriptedModel(join(folder, 'coder.gguf'), suggestion, { fimAfter: '(' });
      const file = join(home.workspace(), 'calls.js');
      writeFileSync(file, 'const first = 1;\n');
      await using editor = await startGhostNeovim(home, file);
      const takes = async (key: string, taken: string) => {
        await until('ghost text', async () => (await editor.ghost()) !== '');
        await editor.type(key);
        await until(`${taken} in the text`, async () => (await editor.text()).endsWith(taken));
      };
      await editor.type('add(');
      await takes('<M-Right>', 'add(first');
      await takes('<M-Right>', 'add(first,');
      await takes('<M-Down>', `add(${suggestion}`);
      await until('the outcome', () => acceptedCount(home) > 0);
    } finally {
      await home.end();
    }
  });

  it('is another one in Neovim 0.12 for who asks for it', async () => {
    let asked = 0;
    await using model = await startOpenAiServer({
      reply: () => ({ text: `value${asked++});`, usage: { input: 1, output: 1 } }),
    });
    const lab = { type: 'openai-compatible', baseUrl: model.url, completionApi: 'completions', models: ['coder'] };
    const home = new Home({ providers: { lab }, completion: { model: 'lab/coder' } });
    try {
      const file = join(home.workspace(), 'calls.js');
      writeFileSync(file, 'const first = 1;\n');
      await using editor = await startGhostNeovim(home, file);
      await editor.type('add(');
      const seen = [''];
      for (const key of ['<M-]>', '<M-]>', '']) {
        const isNew = (ghost: string) => !seen.includes(ghost) && ghost;
        seen.push(await until('another suggestion', async () => isNew(await editor.ghost())));
        await editor.type(key);
      }
    } finally {
      await home.end();
    }
  });
});

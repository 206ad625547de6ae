// Editors with ghost text, set up with the very lines of the README, and typed into over their own remote control.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Child, run } from './child.ts';
import { sidLisp, sidProgram } from './debian-sid.ts';
import type { Home } from './home.ts';
import { product } from './product.ts';
import { environment, linesOf } from './readme-user.ts';
import { until } from './until.ts';

export interface GhostEditor extends AsyncDisposable {
  /** Types at the end of the document's text. */
  type(text: string): Promise<void>;
  /** What it shows beyond the document's text; empty where that is nothing. */
  ghost(): Promise<string>;
  /** Takes the suggestion as the README says. */
  accept(): Promise<void>;
  text(): Promise<string>;
}

export interface GhostNeovim extends GhostEditor {
  /** The value of an expression of Lua without single quotes. */
  evaluate(lua: string): Promise<unknown>;
  /** Types from normal mode, in Neovim's notation of keys. */
  keys(keys: string): Promise<void>;
}

export async function startGhostNeovim(home: Home, file: string): Promise<GhostNeovim> {
  const [command, ...loader] = sidProgram(product.sid, 'nvim');
  const env = { ...environment(home), VIMRUNTIME: join(product.sid, 'root/usr/share/nvim/runtime') };
  const socket = join(home.root, 'nvim');
  const init = join(home.root, 'init.lua');
  writeFileSync(init, linesOf('lua'));
  const child = new Child(command, [...loader, '--headless', '-u', init, '-i', 'NONE', '--listen', socket, file], {
    cwd: dirname(file),
    env,
  });
  const remote = async (...parameters: string[]): Promise<string> => {
    const { code, stdout, output } = await run(command, [...loader, '--server', socket, ...parameters], {
      cwd: home.root,
      env,
    });
    if (code !== 0) throw new Error(`${output}\n${child.output}`);
    return stdout.trim();
  };
  const evaluate = async (lua: string) =>
    JSON.parse(await remote('--remote-expr', `luaeval('vim.json.encode((${lua}))')`)) as unknown;
  await until('Neovim and its server', () =>
    evaluate('#vim.lsp.get_clients({ bufnr = 0 })').then(
      (count) => count === 1 || undefined,
      () => undefined,
    ),
  );
  let sent = 0;
  /** It answers questions before it has taken the keys that were sent before them. */
  const press = async (keys: string): Promise<void> => {
    const mark = ++sent;
    await remote('--remote-send', `${keys}<Cmd>let g:taken = ${mark}<CR>`);
    await until(`${keys} taken`, async () => (await evaluate('vim.g.taken')) === mark);
  };
  await press('GA');
  return {
    evaluate,
    keys: (keys) => press(`<C-\\><C-n>${keys}`),
    type: press,
    accept: () => press('<Tab>'),
    text: async () => ((await evaluate('vim.api.nvim_buf_get_lines(0, 0, -1, false)')) as string[]).join('\n'),
    async ghost() {
      const space = 'vim.api.nvim_get_namespaces()["nvim.lsp.inline_completion"]';
      const marks = (await evaluate(`vim.api.nvim_buf_get_extmarks(0, ${space}, 0, -1, { details = true })`)) as [
        number,
        number,
        number,
        { virt_text?: [string][]; virt_lines?: [string][][] },
      ][];
      return marks
        .flatMap(([, , , { virt_text = [], virt_lines = [] }]) => [virt_text, ...virt_lines])
        .map((line) => line.map(([part]) => part).join(''))
        .join('\n');
    },
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

export async function startGhostEmacs(home: Home, file: string): Promise<GhostEditor> {
  const env = environment(home);
  const socket = join(home.root, 'emacs');
  const init = join(home.root, 'init.el');
  const folders = sidLisp(product.sid);
  const lsp = folders.find((folder) => folder.includes('lsp-mode')) ?? '';
  writeFileSync(
    init,
    [
      `(require 'package) (package-generate-autoloads "lsp-mode" ${JSON.stringify(lsp)}) (load "lsp-mode-autoloads")`, // as its installation does
      '(setq lsp-response-timeout 120)', // it asks once for what was typed, and its 10 seconds are little for the first answer on a busy machine
      '(setq native-comp-deferred-compilation nil lsp-auto-guess-root t lsp-enable-suggest-server-download nil make-backup-files nil create-lockfiles nil)',
      linesOf('elisp', 'eglot'),
      `(setq server-socket-dir ${JSON.stringify(home.root)} server-name "emacs") (server-start)`,
    ].join('\n'),
  );
  await run('git', ['init', '-q'], { cwd: dirname(file), env });
  const path = folders.flatMap((folder) => ['-L', folder]);
  const words = ['emacs', '-nw', '-q', ...path, '-l', init].map((word) => `'${word}'`).join(' ');
  const child = new Child('script', ['-qec', words, '/dev/null'], {
    cwd: dirname(file),
    env: { ...env, TERM: 'xterm' },
    hasInput: true,
  }); // in a terminal, since only keys end an idle time, after which suggestions are asked for
  const evaluate = async (lisp: string): Promise<unknown> => {
    const wrapped = `(with-current-buffer (window-buffer (selected-window)) (json-encode ${lisp}))`;
    const { code, stdout, output } = await run('emacsclient', ['-s', socket, '--eval', wrapped], {
      cwd: home.root,
      env,
    });
    if (code !== 0) throw new Error(`${output}\n${child.output}`);
    return JSON.parse(JSON.parse(stdout) as string) as unknown;
  };
  await until('Emacs', () =>
    evaluate('t').then(
      () => true,
      () => undefined,
    ),
  );
  await evaluate(`(progn (switch-to-buffer (find-file-noselect ${JSON.stringify(file)})) (goto-char (point-max)) t)`);
  await until('the server', () =>
    evaluate('(if (memq (quote t) lsp-on-change-hook) 1 0)').then((on) => on === 1 || undefined),
  );
  return {
    type: async (text) => child.write(text),
    accept: async () => child.write('\t'),
    text: async () => (await evaluate('(buffer-string)')) as string,
    ghost: async () =>
      (await evaluate(
        '(mapconcat (lambda (shown) (or (overlay-get shown \'after-string) "")) (overlays-in (point-min) (1+ (point-max))) "")',
      )) as string,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

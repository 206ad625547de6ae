// The package of the command line, installed as a user installs it: into an empty prefix, with nothing else to fetch.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import { type Ended, ended, Home, until } from './home.ts';

const run = promisify(execFile);
const maxBytes = 70_000_000;

describe('the package of the command line', () => {
  let folder: string;
  let installed: string;
  let home: Home;
  let server: Awaited<ReturnType<typeof startOpenAiServer>>;

  before(async function () {
    this.timeout(300_000); // a production build, a compressed package, an installation
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'sy-package-'));
    const script = fileURLToPath(new URL('../package-cli.mjs', import.meta.url));
    await run(process.execPath, [script, '--to', join(folder, 'made')]);
    const [file = ''] = readdirSync(join(folder, 'made')).filter((name) => name.endsWith('.tgz'));
    const prefix = join(folder, 'prefix');
    const install = ['install', '--global', '--offline', '--prefix', prefix, join(folder, 'made', file)];
    await run('npm', install, { cwd: folder, shell: process.platform === 'win32' });
    const modules = process.platform === 'win32' ? ['node_modules'] : ['lib', 'node_modules'];
    installed = join(prefix, ...modules, 'switchyard');
    server = await startOpenAiServer({ reply: 'Hello from far away.' });
    home = new Home({ providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } } });
  });
  after(async () => {
    await home?.[Symbol.asyncDispose]();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function switchyard(args: readonly string[], cwd?: string): Promise<Ended> {
    const link = join(folder, 'prefix', 'bin', 'switchyard');
    const program = process.platform === 'win32' ? join(installed, 'dist', 'daemon', 'switchyard.js') : link;
    return ended(home.spawn([program, ...args], process.execPath, cwd));
  }

  it('takes no more than 70 MB, and has nothing of development or of an editor', () => {
    const files = readdirSync(installed, { recursive: true, encoding: 'utf8' }).map((path) => join(installed, path));
    const bytes = files.reduce((sum, path) => sum + (statSync(path).isFile() ? statSync(path).size : 0), 0);
    assert.ok(bytes <= maxBytes, `${bytes} bytes`);
    const unwanted = /\/(typescript|mocha|esbuild|vscode-languageclient|extension)\/|\.(map|test\.js)$/;
    assert.deepEqual(
      files.filter((path) => unwanted.test(path)),
      [],
    );
  });

  it('names the natives of this platform as optional, and needs nothing else', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, object>;
    const optional = Object.keys(manifest['optionalDependencies'] ?? {});
    for (const native of [/llama/, /keyring/, /sqlite-vec/]) assert.ok(optional.some((name) => native.test(name)));
    assert.deepEqual([manifest['dependencies'], manifest['devDependencies']], [undefined, undefined]);
  });

  it('chats', async () => {
    const { code, stdout, stderr } = await switchyard(['chat', 'Hello?']);
    assert.deepEqual([code, stdout], [0, 'Hello from far away.\n'], stderr);
  });

  it('has every native part: nothing of it is missed by the doctor', async () => {
    const { stdout } = await switchyard(['doctor', '--json']);
    const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; detail: string }[] };
    const natives = checks.filter(({ name }) => /native|storage|inference|embedding|keys/.test(name));
    assert.ok(natives.length >= 5);
    assert.deepEqual(
      natives.filter(({ ok }) => !ok),
      [],
    );
  });

  it('understands the syntax of code', async () => {
    writeFileSync(home.project('sum.ts'), 'export function sum(a: number, b: number) {\n  return a + b;\n}\n');
    await switchyard(['chat', '@codebase Where are numbers added?'], home.project());
    await until('the code to be indexed', async () =>
      (await switchyard(['search', 'sum', '--in', 'code'], home.project())).stdout.includes('sum.ts:1'),
    );
    const grammars = readdirSync(join(installed, 'dist/daemon/node_modules/@vscode/tree-sitter-wasm/wasm'));
    assert.equal(grammars.filter((name) => name.endsWith('.wasm.gz')).length, 12);
  });

  it('shows the views', async () => {
    const { stdout } = await switchyard(['open', '--json']);
    const { url } = JSON.parse(stdout) as { url: string };
    const first = await fetch(url);
    const cookie = first.headers.getSetCookie().map((each) => each.split(';')[0]);
    const [, page = ''] = /url=(http[^"]+)"/.exec(await first.text()) ?? [];
    const response = await fetch(page, { headers: { cookie: cookie.join('; ') } });
    assert.match(await response.text(), /chat\.js/);
  });
});

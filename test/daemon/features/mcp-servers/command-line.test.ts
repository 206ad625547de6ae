import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { commandLine } from '../../../../daemon/features/mcp-servers/connection/command-line.ts';
import { npmsOwnStarter } from '../../base/process/starters.ts';

describe("a server's command on Windows", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-path-'));
    for (const name of ['my.cmd', 'uvx.exe', 'old.bat', 'both.exe', 'both.cmd', 'node.exe'])
      writeFileSync(join(folder, name), '');
    mkdirSync(join(folder, 'npm'));
    writeFileSync(join(folder, 'npm', 'npx-cli.js'), '');
    writeFileSync(join(folder, 'npx.cmd'), npmsOwnStarter('npx', 'npm\\npx-cli.js'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const of = (command: string, args: string[]) =>
    commandLine({ command, args, env: { PATH: folder }, cwd: folder }, true);

  it('is a program itself, wherever it is one', () => {
    const itself = { isVerbatim: false, isOwnNode: false };
    assert.deepEqual(of('uvx', ['a b']), { file: join(folder, 'uvx.exe'), args: ['a b'], ...itself });
    assert.deepEqual(of('C:\\x\\y.exe', []), { file: 'C:\\x\\y.exe', args: [], ...itself });
  });

  it('is the script of Node that npx starts, with any arguments', () => {
    const args = ['-y', 'mcp-remote', 'https://a.test/?a=100%&b="c"'];
    assert.deepEqual(of('npx', args), {
      file: join(folder, 'node.exe'),
      args: [join(folder, 'npm', 'npx-cli.js'), ...args],
      isVerbatim: false,
      isOwnNode: false,
    });
  });

  it('is given to cmd.exe where it is a script, in quotes', () => {
    const line = `""${join(folder, 'my.cmd')}" "-y" "a & b""`;
    const { file, args, isVerbatim } = of('my', ['-y', 'a & b']);
    assert.match(file, /\bcmd\.exe$/);
    assert.deepEqual([args, isVerbatim], [['/d', '/s', '/v:off', '/c', line], true]);
  });

  it('is looked for with the endings that Windows tries, programs first', () => {
    assert.equal(of('old', []).args.at(-1), `""${join(folder, 'old.bat')}""`);
    assert.equal(of('both', []).file, join(folder, 'both.exe'));
    assert.equal(of('none', []).file, 'none');
  });

  for (const [argument, written] of [
    ['', '""'],
    ['C:\\a b\\', '"C:\\a b\\\\"'],
    ['\\', '"\\\\"'],
    ['a\\b', '"a\\b"'],
    ['^ & | < > ( ) ! ; , =', '"^ & | < > ( ) ! ; , ="'],
    ['*?~', '"*?~"'],
  ])
    it(`is given ${JSON.stringify(argument)} so that it arrives as it is`, () =>
      assert.equal(of('my', [argument ?? '']).args.at(-1), `""${join(folder, 'my.cmd')}" ${written}"`));

  for (const argument of ['%PATH%', '100%', 'a\r', 'a"b', 'a\nb'])
    it(`is refused with the argument ${JSON.stringify(argument)}, which cmd.exe would read otherwise`, () =>
      assert.throws(() => of('my', [argument]), { code: 'unsafe-argument' }));
});

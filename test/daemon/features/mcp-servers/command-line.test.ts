import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { commandLine } from '../../../../daemon/features/mcp-servers/connection/command-line.ts';

describe("a server's command on Windows", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-path-'));
    for (const name of ['npx.cmd', 'uvx.exe', 'old.bat', 'both.exe', 'both.cmd']) writeFileSync(join(folder, name), '');
  });
  after(() => rmSync(folder, { recursive: true }));

  const of = (command: string, args: string[]) => commandLine(command, args, { PATH: folder }, true);

  it('is a program itself, wherever it is one', () => {
    assert.deepEqual(of('uvx', ['a b']), { file: 'uvx', args: ['a b'], isVerbatim: false });
    assert.deepEqual(of('C:\\x\\y.exe', []), { file: 'C:\\x\\y.exe', args: [], isVerbatim: false });
  });

  it('is given to cmd.exe where it is a script, in quotes', () => {
    const script = join(folder, 'npx.cmd');
    const line = `""${script}" "-y" "a & b""`;
    assert.deepEqual(of('npx', ['-y', 'a & b']), {
      file: 'cmd.exe',
      args: ['/d', '/s', '/v:off', '/c', line],
      isVerbatim: true,
    });
  });

  it('is looked for with the endings that Windows tries, programs first', () => {
    assert.equal(of('old', []).args.at(-1), `""${join(folder, 'old.bat')}""`);
    assert.equal(of('both', []).file, 'both');
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
      assert.equal(of('npx', [argument ?? '']).args.at(-1), `""${join(folder, 'npx.cmd')}" ${written}"`));

  for (const argument of ['%PATH%', '100%', 'a\r', 'a"b', 'a\nb'])
    it(`is refused with the argument ${JSON.stringify(argument)}, which cmd.exe would read otherwise`, () =>
      assert.throws(() => of('npx', [argument]), { code: 'unsafe-argument' }));
});

// Packages are unpacked below their folder, or not at all.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { UserError } from '../../../../../daemon/base/errors.ts';
import { unpackPackage } from '../../../../../daemon/models/inference/gpu/tarball.ts';
import { never } from '../workbench.ts';
import { type TarEntry, tarball } from './tarballs.ts';

describe('the unpacking of a package', () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'switchyard-tarball-'));
    folder = join(root, 'a', 'b', 'target');
    mkdirSync(folder, { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const unpack = async (bytes: Buffer): Promise<void> => {
    writeFileSync(join(root, 'package.tgz'), bytes);
    await unpackPackage(join(root, 'package.tgz'), folder, never);
  };

  it('writes each file below the folder, without the top folder of the package', async () => {
    const long = `bins/${'d'.repeat(90)}/llama-addon.node`;
    const pax = (name: string): string => {
      const record = ` path=package/${name}\n`;
      const length = record.length + 3; // its own three digits
      return `${length}${record}`;
    };
    const binary = 'x'.repeat(200_000);
    await unpack(
      tarball([
        { name: 'package/', type: '5' },
        { name: 'package/package.json', text: '{}' },
        { name: 'package/empty', text: '' },
        { name: 'PaxHeader/long', text: pax(long), type: 'x' },
        { name: 'package/short', text: binary },
      ]),
    );
    assert.deepEqual(readdirSync(folder).sort(), ['bins', 'empty', 'package.json']);
    assert.equal(readFileSync(join(folder, long), 'utf8'), binary);
  });

  for (const [what, entry] of [
    ['leads out of the folder', { name: 'package/../../../escaped' }],
    ['leads out of the folder in its middle', { name: 'package/bins/../../../../escaped' }],
    ['starts at the root', { name: '/package/escaped' }],
    ["leads out by Windows's separator", { name: 'package/..\\..\\..\\escaped' }],
    ['names a drive', { name: 'package/C:escaped' }],
    ['is the top folder itself', { name: 'package' }],
    ['has an empty part', { name: 'package//escaped' }],
    ['is a symbolic link', { name: 'package/link', type: '2' }],
    ['is a hard link', { name: 'package/link', type: '1' }],
    ['is a device', { name: 'package/device', type: '3' }],
  ] satisfies [string, TarEntry][])
    it(`refuses a package in which an entry ${what}`, async () => {
      await assert.rejects(
        unpack(tarball([entry])),
        (error) => error instanceof UserError && error.code === 'bad-package',
      );
      assert.deepEqual(readdirSync(folder), []);
      assert.deepEqual(readdirSync(root).sort(), ['a', 'package.tgz']);
    });

  const whole = tarball([{ name: 'package/large', text: Array.from({ length: 9000 }, (_, i) => `${i * i}`).join() }]);
  for (const [what, bytes] of [
    ['is cut off', whole.subarray(0, whole.length >> 1)],
    ['is empty', Buffer.alloc(0)],
    ['is a page of a proxy', Buffer.from('<html>Sign in</html>')],
    ['has no files', tarball([])],
  ] as const)
    it(`refuses a package that ${what}`, async () => {
      await assert.rejects(unpack(bytes), (error) => error instanceof UserError && error.code === 'bad-package');
    });
});

// What may stand where a file or folder of the user's own is expected: another user's folder, a pipe, a device.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { ConfigFile } from '../../../daemon/base/config/config.ts';
import { changeConfig } from '../../../daemon/base/config/edit.ts';
import { readPlainFile } from '../../../daemon/base/disk.ts';
import { resolvePaths } from '../../../daemon/base/paths.ts';
import { prepareRunFolder } from '../../../daemon/base/run-folder.ts';
import { readNamedFile } from '../../../daemon/cli/kit/named-file.ts';
import { readPrivateFile } from '../../../daemon/keys/key-file.ts';
import { readGgufHeader } from '../../../daemon/models/inference/gguf/header.ts';
import { piecesOf } from '../../../daemon/transfer/files.ts';
import { testFolder } from '../storage/open-storage.ts';

const isWindows = process.platform === 'win32';
const nobody = 65_534;

/** A folder that is not ours: root can make one, others know one. */
function strangeFolder(at: string): string {
  if (process.getuid?.() !== 0) return '/usr';
  mkdirSync(at, { recursive: true });
  chownSync(at, nobody, nobody);
  return at;
}

describe('a folder of another user', () => {
  const kinds = {
    data: (folder: string) => ({ data: folder }),
    logs: (folder: string) => ({ logFile: join(folder, 'daemon.log') }),
    configuration: (folder: string) => ({ configFile: join(folder, 'config.json') }),
    run: (folder: string) => ({ run: folder }),
  };
  for (const [kind, place] of Object.entries(kinds))
    for (const way of ['itself', 'a link to it'])
      it(`is refused for ${kind}: ${way}`, function () {
        if (isWindows) return this.skip();
        using home = testFolder();
        const strange = strangeFolder(join(home.path, 'strange'));
        const link = join(home.path, 'link');
        symlinkSync(strange, link);
        const paths = {
          ...resolvePaths(1, { SWITCHYARD_HOME: home.path }),
          ...place(way === 'itself' ? strange : link),
        };
        assert.throws(() => prepareRunFolder(paths), { code: 'folder-unsafe', message: /isn't a folder that you own/ });
      });

  it('is told from one that others could write to, which is closed to them', function () {
    if (isWindows) return this.skip();
    using home = testFolder();
    const paths = resolvePaths(1, { SWITCHYARD_HOME: home.path });
    const folders = [paths.data, dirname(paths.logFile), dirname(paths.configFile)];
    for (const folder of folders) {
      mkdirSync(folder, { recursive: true });
      chmodSync(folder, 0o777);
    }
    prepareRunFolder(paths);
    assert.deepEqual(
      folders.map((folder) => statSync(folder).mode & 0o777),
      [0o755, 0o755, 0o755],
    );
  });
});

describe('what is no plain file', () => {
  const readers: Readonly<Record<string, (path: string) => unknown>> = {
    'an attachment': readNamedFile,
    'an import': (path) => piecesOf(path).next(),
    'a key file': (path) => readPrivateFile(path, () => {}),
    'a model': readGgufHeader,
    'any other': readPlainFile,
    'a configuration that is changed': (path) => {
      using config = new ConfigFile(path);
      changeConfig(config, ['a'], 1);
    },
  };
  const strange: Readonly<Record<string, (folder: string) => string>> = {
    'a pipe': (folder) => {
      execFileSync('mkfifo', ['-m', '600', join(folder, 'pipe')]);
      return join(folder, 'pipe');
    },
    'a device': () => '/dev/zero',
    'a link to a device': (folder) => {
      symlinkSync('/dev/zero', join(folder, 'link'));
      return join(folder, 'link');
    },
  };
  for (const [kind, make] of Object.entries(strange)) {
    for (const [name, read] of Object.entries(readers)) {
      it(`is refused as ${name}: ${kind}`, async function () {
        if (isWindows) return this.skip();
        using folder = testFolder();
        await assert.rejects(async () => read(make(folder.path)), /pipe or a device|isn't a regular file|ENOTPLAIN/);
      });
    }
    it(`is told as config.json: ${kind}`, function () {
      if (isWindows) return this.skip();
      using folder = testFolder();
      using config = new ConfigFile(make(folder.path));
      assert.equal(config.problems[0], "Can't read config.json (it's a pipe or a device, not a file)");
    });
  }
});

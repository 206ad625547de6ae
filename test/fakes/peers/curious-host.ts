// A decoder that was taken over: it tries what a decoder has no need of, and says what it could do.
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { serveParent } from '../../../daemon/base/process/child-peer.ts';

const attempts: Record<string, () => unknown> = {
  'read files of the user': () => readdirSync(tmpdir()),
  'write a file': () => writeFileSync(join(tmpdir(), 'switchyard-curious'), 'x'),
  'start a program': () => spawnSync(process.execPath, ['--version']),
  'start a thread': () => new Worker('', { eval: true }).terminate(),
  'load native code': () => process.dlopen({ exports: {} }, 'x.node'),
};

serveParent({
  answers: {
    async prepare() {
      return Object.entries(attempts).flatMap(([name, attempt]) => {
        try {
          attempt();
          return [name];
        } catch (error) {
          return (error as { code?: string }).code === 'ERR_ACCESS_DENIED' || name === 'load native code'
            ? []
            : [`${name}: ${error}`];
        }
      });
    },
    pixels: () => process.exit(7),
  },
}).notify({ kind: 'ready' });

// Whether a machine runs on its battery, by what each system says of it.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { batteryCheck, type Machine } from '../../../daemon/code-index/power.ts';
import { testFolder } from '../storage/open-storage.ts';

function machine(
  platform: NodeJS.Platform,
  said: string | Error,
  suppliesFolder = '/none',
): Machine & { asked: number; time: number } {
  const one = {
    platform,
    suppliesFolder,
    asked: 0,
    time: 0,
    now: () => one.time,
    run: async () => {
      one.asked++;
      if (said instanceof Error) throw said;
      return said;
    },
  };
  return one;
}

describe('the battery', () => {
  const outputs: [NodeJS.Platform, string | Error, boolean][] = [
    ['darwin', "Now drawing from 'Battery Power'\n -InternalBattery-0 81%; discharging", true],
    ['darwin', "Now drawing from 'AC Power'\n", false],
    ['win32', '1\r\n', true],
    ['win32', '2\r\n', false],
    ['win32', '1\r\n6\r\n', false],
    ['win32', '4\r\n', true],
    ['win32', '', false],
    ['win32', 'Get-CimInstance : Access denied', false],
    ['win32', new Error('no PowerShell'), false],
    ['darwin', new Error('no pmset'), false],
    ['freebsd', '1', false],
  ];
  for (const [platform, said, isOn] of outputs) {
    it(`${isOn ? 'is used' : 'is not used'} where ${platform} says ${JSON.stringify(String(said))}`, async () => {
      assert.equal(await batteryCheck(machine(platform, said))(), isOn);
    });
  }

  it('is told by Linux in files, of which those of a mouse do not count', async () => {
    using folder = testFolder();
    const supply = (name: string, files: Record<string, string>): void => {
      mkdirSync(join(folder.path, name), { recursive: true });
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder.path, name, file), `${text}\n`);
    };
    const isOn = (): Promise<boolean> => batteryCheck(machine('linux', '', folder.path))();
    assert.equal(await isOn(), false);
    supply('mouse', { type: 'Battery', scope: 'Device', status: 'Discharging' });
    assert.equal(await isOn(), false);
    supply('BAT0', { type: 'Battery', status: 'Discharging' });
    assert.equal(await isOn(), true);
    supply('AC', { type: 'Mains', online: '1' });
    assert.equal(await isOn(), false);
  });

  it('is asked for seldom, and on Windows once where there is none', async () => {
    const [laptop, desktop, broken] = [
      machine('win32', '1'),
      machine('win32', ''),
      machine('win32', new Error('not now')),
    ];
    for (const one of [laptop, desktop, broken]) {
      const check = batteryCheck(one);
      for (const minute of [0, 0, 1, 2, 4, 60]) {
        one.time = minute * 60_000;
        await Promise.all([check(), check()]);
      }
    }
    assert.deepEqual([laptop.asked, desktop.asked, broken.asked], [3, 1, 3]);
  });
});

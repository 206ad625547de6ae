// Whether this machine runs on its battery, as far as it says so cheaply: Linux in a file, macOS through `pmset`.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const suppliesFolder = '/sys/class/power_supply';

/** False where nothing is known of a battery. */
export async function isOnBattery(folder = suppliesFolder): Promise<boolean> {
  try {
    if (process.platform === 'darwin') return (await promisify(execFile)('pmset', ['-g', 'batt'], { timeout: 2000 })).stdout.includes("'Battery Power'");
    return process.platform === 'linux' && (await hasOnlyBattery(folder));
  } catch {
    return false;
  }
}

async function hasOnlyBattery(folder: string): Promise<boolean> {
  const supplies = await Promise.all((await readdir(folder)).map(async (name) => {
    const read = (file: string): Promise<string> => readFile(join(folder, name, file), 'utf8').then((text) => text.trim(), () => '');
    return { type: await read('type'), scope: await read('scope'), online: await read('online'), status: await read('status') };
  }));
  if (supplies.some(({ type, online }) => type !== 'Battery' && online === '1')) return false;
  return supplies.some(({ type, scope, status }) => type === 'Battery' && scope !== 'Device' && status === 'Discharging'); // a mouse has one as well
}

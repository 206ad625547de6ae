// Whether this machine runs on its battery, as far as it says so cheaply: Linux in a file, macOS through `pmset`, Windows through
// its own PowerShell, which takes half a second of a processor and is asked the less often for it.
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Machine {
  platform: NodeJS.Platform;
  /** What Linux says of its power supplies. */
  suppliesFolder: string;
  /** Runs a program and returns what it printed. */
  run(file: string, args: readonly string[]): Promise<string>;
  now(): number;
}

const thisMachine: Machine = {
  platform: process.platform,
  suppliesFolder: '/sys/class/power_supply',
  run: async (file, args) =>
    (await promisify(execFile)(file, [...args], { timeout: 10_000, windowsHide: true })).stdout,
  now: Date.now,
};

/** How long an answer holds. */
const heldMs = { usual: 20_000, windows: 3 * 60_000 };

/** False where nothing is known of a battery, as on a machine without one: there Windows is asked once. */
export function batteryCheck(machine: Machine = thisMachine): () => Promise<boolean> {
  let known: { at: number; holdsMs: number; isOn: Promise<boolean> } | undefined;
  return async () => {
    if (known && machine.now() - known.at < known.holdsMs) return known.isOn;
    const looked = look(machine);
    const asked = {
      at: machine.now(),
      holdsMs: machine.platform === 'win32' ? heldMs.windows : heldMs.usual,
      isOn: looked.then(
        (found) => found === true,
        () => false,
      ),
    };
    known = asked;
    if (machine.platform === 'win32' && (await looked.catch(() => false)) === undefined)
      asked.holdsMs = Number.POSITIVE_INFINITY;
    return asked.isOn;
  };
}

/** Undefined where there is no battery. */
async function look({ platform, suppliesFolder, run }: Machine): Promise<boolean | undefined> {
  if (platform === 'darwin') return (await run('pmset', ['-g', 'batt'])).includes("'Battery Power'");
  if (platform === 'linux') return hasOnlyBattery(suppliesFolder);
  return platform === 'win32' ? windowsBattery(run) : undefined;
}

/** By its whole path: a `powershell` elsewhere on the path is not the system's. */
const powershell = (): string =>
  join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');

/** `Win32_Battery.BatteryStatus`: 1, 4 and 5 while it discharges, low and critical the latter two; any other number on mains power. */
const discharging = new Set(['1', '4', '5']);

async function windowsBattery(run: Machine['run']): Promise<boolean | undefined> {
  const said = await run(powershell(), [
    '-NoProfile',
    '-NonInteractive',
    '-Command',
    '(Get-CimInstance Win32_Battery).BatteryStatus',
  ]);
  const states = said.split(/\s+/).filter((word) => /^\d+$/.test(word));
  return states.length === 0 ? undefined : states.every((state) => discharging.has(state));
}

async function hasOnlyBattery(folder: string): Promise<boolean> {
  const supplies = await Promise.all(
    (await readdir(folder)).map(async (name) => {
      const read = (file: string): Promise<string> =>
        readFile(join(folder, name, file), 'utf8').then(
          (text) => text.trim(),
          () => '',
        );
      return {
        type: await read('type'),
        scope: await read('scope'),
        online: await read('online'),
        status: await read('status'),
      };
    }),
  );
  if (supplies.some(({ type, online }) => type !== 'Battery' && online === '1')) return false;
  return supplies.some(
    ({ type, scope, status }) => type === 'Battery' && scope !== 'Device' && status === 'Discharging',
  ); // a mouse has one as well
}

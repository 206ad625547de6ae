// A program with all that it starts: a process group, which ends as one, also where the daemon is killed.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What `spawn` is to be told for a group of its own. Windows has none. */
export const ownGroup = { detached: process.platform !== 'win32', windowsHide: true } as const;

/** Ends a program that was spawned with `ownGroup`, and its children. On Windows `taskkill` ends the tree. */
export function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  if (process.platform === 'win32') {
    if (child.exitCode === null)
      spawn('taskkill', ['/pid', String(child.pid), '/T', '/F'], { windowsHide: true, stdio: 'ignore' })
        .on('error', () => child.kill())
        .on('exit', (code) => code !== 0 && child.kill());
    return;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The whole group has ended already.
  }
}

/**
 * Has a group end when this process does, however that ends: a shell waits for the end of a pipe that only this process holds. Takes
 * 1 MB or two. Returns how to let the group be. On Windows there is nothing to do: libuv's job object ends children with their parent.
 */
export function guardGroup(pid: number): () => void {
  if (process.platform === 'win32') return () => {};
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -s KILL -- "-$1"', 'switchyard-guard', String(pid)], {
    detached: true, // a Ctrl+C at the daemon's terminal must not end it first
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
  });
  guard.on('error', () => {}); // without a shell, the group is told by the end of its own pipes
  guard.stdin?.on('error', () => {});
  guard.unref();
  return () => void guard.kill('SIGKILL');
}

export interface GroupUsage {
  /** How many processes there are. */
  processes: number;
  memoryBytes: number;
}

/** Undefined where the system doesn't say. */
export async function groupUsage(pid: number): Promise<GroupUsage | undefined> {
  const all = process.platform === 'linux' ? await fromProc() : await fromPs();
  const own = all?.filter(({ group }) => group === pid);
  if (!own || own.length === 0) return undefined;
  return { processes: own.length, memoryBytes: own.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) };
}

interface ProcessUsage {
  group: number;
  memoryBytes: number;
}

const pageBytes = 4096; // of nearly all systems; where pages are larger, the number is too small

async function fromProc(): Promise<ProcessUsage[]> {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => {
      // The name in parentheses may hold anything; the state is the first field after it (proc(5), field 3).
      const stat = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => '');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z' || fields.length < 22) return [];
      return [{ group: Number(fields[2]), memoryBytes: Number(fields[21]) * pageBytes }];
    }),
  );
  return found.flat();
}

async function fromPs(): Promise<ProcessUsage[] | undefined> {
  if (process.platform === 'win32') return undefined;
  const listed = await promisify(execFile)('ps', ['-axo', 'pgid=,rss=']).catch(() => undefined);
  return listed?.stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([group = 0, kilobytes = 0]) => (group > 0 ? [{ group, memoryBytes: kilobytes * 1024 }] : []));
}

// Which TCP ports a process listens on, as the kernel tells it.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const listening = '0A'; // the state's code in /proc/net/tcp

/** Local addresses in the kernel's notation, such as `0100007F:1F90`. */
export function listenersOf(pid: number): string[] {
  const own = new Set(socketsOf(pid));
  return ['tcp', 'tcp6']
    .flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').trim().split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === listening && own.has(inode ?? ''))
    .map(([, address]) => address ?? '');
}

function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((descriptor) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${descriptor}`))?.[1] ?? [];
    } catch {
      return []; // closed meanwhile
    }
  });
}

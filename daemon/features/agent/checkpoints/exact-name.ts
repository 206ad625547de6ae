// Whether something on the disk has exactly a name, also where the disk finds it under others. Nothing is looked at through a link.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Whether names that differ by case alone are one, as on most disks of these systems. */
export const foldsCase = process.platform === 'win32' || process.platform === 'darwin';

/** Whether every folder on the way is one, and no link; where names that differ by case are one, whether these are the names. */
export async function isNamed(workTree: string, path: string): Promise<boolean> {
  const parts = path.split('/');
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = await lstat(join(workTree, ...parts.slice(0, depth))).catch(() => undefined);
    if (!folder?.isDirectory()) return false;
  }
  if (!foldsCase) return true;
  for (const [depth, part] of parts.entries()) {
    const names = await readdir(join(workTree, ...parts.slice(0, depth))).catch((): string[] => []);
    if (!names.includes(part)) return false;
  }
  return true;
}

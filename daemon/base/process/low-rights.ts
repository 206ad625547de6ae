// Node's options for a child that reads what anybody sent: no writing, no processes, no native code, and of files only the program's own.
import { dirname, join } from 'node:path';

/** `levels` lead from the folder of the script's source to the program's own. */
export function lowRights(
  hostPath: string,
  { levels, heapMegabytes }: { levels: number; heapMegabytes: number },
): string[] {
  const heap = `--max-old-space-size=${heapMegabytes}`;
  if (!process.allowedNodeEnvironmentFlags.has('--permission')) return [heap];
  const program = join(dirname(hostPath), ...Array<string>(hostPath.endsWith('.ts') ? levels : 2).fill('..'));
  return [heap, '--permission', `--allow-fs-read=${program}`];
}

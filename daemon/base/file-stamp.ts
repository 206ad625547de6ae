// Tells whether files have changed since they were read, without reading them.
import { stat } from 'node:fs/promises';

const defaultSettledMs = 2000; // a file that is still being written may keep its stamp

/** Differs after any change of any of the files. Undefined where one could be missed, and where one isn't there. */
export async function stampOf(
  paths: readonly string[],
  settledMs: number = defaultSettledMs,
): Promise<string | undefined> {
  const stats = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
  const stamps = stats.map((found) => {
    if (!found || Date.now() - Math.max(found.mtimeMs, found.ctimeMs) < settledMs) return undefined;
    return [found.ino, found.size, found.mtimeMs, found.ctimeMs].join(' ');
  });
  return stamps.includes(undefined) ? undefined : stamps.join(', ');
}

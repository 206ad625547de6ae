// URIs of files as paths.
import { fileURLToPath } from 'node:url';

/** The path that a `file:` URI names on this machine; undefined of any other URI, of another machine's disk and of what no path can name. */
export function toPath(uri: string): string | undefined {
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

// Packages as npm makes them, and some that npm would never make.
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export interface TarEntry {
  name: string;
  text?: string;
  /** `0` is a file, `2` a link, `5` a folder, `x` names the entry that follows. */
  type?: string;
}

export function tarball(entries: readonly TarEntry[]): Buffer {
  return gzipSync(Buffer.concat([...entries.map(entryBlocks), Buffer.alloc(1024)]));
}

export function integrity(file: Buffer): string {
  return `sha512-${createHash('sha512').update(file).digest('base64')}`;
}

function entryBlocks({ name, text = '', type = '0' }: TarEntry): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0, 100);
  header.write('0000644\0', 100);
  header.write(`${Buffer.byteLength(text).toString(8).padStart(11, '0')}\0`, 124);
  header.write(type, 156);
  header.write('../../outside', 157);
  header.write('ustar\x0000', 257);
  const content = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512);
  content.write(text);
  return Buffer.concat([header, content]);
}

// The text of what a server sent, by the charset that it or the page names. Pure.

const sniffedBytes = 1024; // where a page must name its charset, by the standard

/** What can't be decoded is shown as a replacement character. */
export function decoded(bytes: Uint8Array, charset: string | undefined): string {
  const named = charset ?? charsetIn(bytes) ?? 'utf-8';
  try {
    return new TextDecoder(named).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes); // no such charset
  }
}

function charsetIn(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  const head = Buffer.from(bytes.subarray(0, sniffedBytes)).toString('latin1');
  return /<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})/i.exec(head)?.[1];
}

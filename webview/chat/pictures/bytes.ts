// Bytes as the base64 that travels in a message.

const bytesAtOnce = 0x8000; // more arguments than a call can take would fail

export async function base64Of(blob: Blob): Promise<string> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let binary = '';
  for (let from = 0; from < bytes.length; from += bytesAtOnce)
    binary += String.fromCharCode(...bytes.subarray(from, from + bytesAtOnce));
  return btoa(binary);
}

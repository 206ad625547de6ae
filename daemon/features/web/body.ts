// The body of an answer, as far as it may go: it is counted as it is unpacked, so that what is small on its way isn't large here.

/** Undefined where it is larger. Leaves nothing of it to come. */
export async function bodyWithin(response: Response, maxBytes: number): Promise<Uint8Array | undefined> {
  if (!response.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined; // leaving the loop ends the request
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

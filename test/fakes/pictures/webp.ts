// WebP files: what one holds, put into others of the extended and of the animated form.

/** The chunks of a simple file. */
function chunksOf(file: Buffer): Buffer {
  return file.subarray(12);
}

export function webpFile(...chunks: readonly Buffer[]): Buffer {
  const body = Buffer.concat(chunks);
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(body.length + 4, 4);
  return Buffer.concat([head, body]);
}

export function webpChunk(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length & 1)]);
}

/** A canvas with frames, each at its place. */
export function animatedWebp(
  canvas: { width: number; height: number },
  frames: readonly { left: number; top: number; width: number; height: number; file: Buffer }[],
): Buffer {
  const extended = Buffer.alloc(10);
  extended[0] = 2;
  extended.writeUIntLE(canvas.width - 1, 4, 3);
  extended.writeUIntLE(canvas.height - 1, 7, 3);
  return webpFile(
    webpChunk('VP8X', extended),
    webpChunk('ANIM', Buffer.alloc(6)),
    ...frames.map(({ left, top, width, height, file }) => {
      const head = Buffer.alloc(16);
      const fields = [left / 2, top / 2, width - 1, height - 1, 100];
      for (const [place, value] of fields.entries()) head.writeUIntLE(value, place * 3, 3);
      return webpChunk('ANMF', Buffer.concat([head, chunksOf(file)]));
    }),
  );
}

// WebP by libwebp, compiled to WebAssembly: whatever its bytes are, it reaches no memory but its own. Of an animated one the first frame.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { PictureGrid } from '../pictures.ts';
import { DamagedPicture } from './grid.ts';

interface Pixels {
  data: Uint8ClampedArray;
  width: number;
  height: number;
}

/** What both halves of the package are made by: it is told how to get its WebAssembly, which it would fetch otherwise. */
type Codec<Functions> = (options: {
  noInitialRun: boolean;
  instantiateWasm(imports: object, done: (instance: object) => void): object;
}) => Promise<Functions>;

/** The platform's, as far as it is used: its types come with those of a page alone. */
interface WebAssemblyPlatform {
  compile(bytes: Uint8Array): Promise<object>;
  Instance: new (compiled: object, imports: object) => { exports: object };
}

interface Decoder {
  decode(bytes: Uint8Array): Pixels | null;
}

interface Encoder {
  encode(data: Uint8Array, width: number, height: number, options: Record<string, number>): Uint8Array | null;
}

const { WebAssembly: platform } = globalThis as unknown as { WebAssembly: WebAssemblyPlatform };
const { resolve } = createRequire(import.meta.url);
const codecs = '@jsquash/webp/codec'; // not bundled: its .wasm files lie beside its scripts
let decoder: Promise<Decoder> | undefined;
let encoder: Promise<Encoder> | undefined;

/** `size` is the canvas, as its header was read. Throws DamagedPicture. */
export async function decodeWebp(bytes: Uint8Array, size: { width: number; height: number }): Promise<PictureGrid> {
  decoder ??= loaded<Decoder>('dec/webp_dec');
  const frame = firstFrame(bytes);
  const pixels = decodedBy(await decoder, frame?.file ?? bytes);
  if (!pixels) throw new DamagedPicture('its pixels are incomplete or damaged');
  const { data, width, height } = pixels;
  const grid = { width, height, rgba: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
  return frame ? onCanvas(grid, frame, size) : grid;
}

function decodedBy({ decode }: Decoder, file: Uint8Array): Pixels | null {
  try {
    return decode(file);
  } catch {
    decoder = undefined; // it has no memory left, or was aborted: the next picture gets a new one
    return null;
  }
}

/** `options` are libwebp's: `quality` from 0 to 100, for one. */
export async function encodeWebp(
  { rgba, width, height }: PictureGrid,
  options: Partial<typeof encoderDefaults>,
): Promise<Buffer> {
  encoder ??= loaded<Encoder>('enc/webp_enc');
  const { encode } = await encoder;
  const bytes = encode(rgba, width, height, { ...encoderDefaults, ...options });
  if (!bytes) throw new Error('no WebP was made');
  return Buffer.from(bytes);
}

/** libwebp's own. */
const encoderDefaults = {
  quality: 75,
  target_size: 0,
  target_PSNR: 0,
  method: 4,
  sns_strength: 50,
  filter_strength: 60,
  filter_sharpness: 0,
  filter_type: 1,
  partitions: 0,
  segments: 4,
  pass: 1,
  show_compressed: 0,
  preprocessing: 0,
  autofilter: 0,
  partition_limit: 0,
  alpha_compression: 1,
  alpha_filtering: 1,
  alpha_quality: 100,
  lossless: 0,
  exact: 0,
  image_hint: 0,
  emulate_jpeg_size: 0,
  thread_level: 0,
  low_memory: 0,
  near_lossless: 100,
  use_delta_palette: 0,
  use_sharp_yuv: 0,
};

async function loaded<Functions>(name: string): Promise<Functions> {
  providePixels();
  const script = (await import(pathToFileURL(resolve(`${codecs}/${name}.js`)).href)) as { default: Codec<Functions> };
  const compiled = await platform.compile(await readFile(resolve(`${codecs}/${name}.wasm`)));
  return await script.default({
    noInitialRun: true,
    instantiateWasm(imports, done) {
      const instance = new platform.Instance(compiled, imports);
      done(instance);
      return instance.exports;
    },
  });
}

/** A page's class, which the decoder makes its result of. */
function providePixels(): void {
  const page = globalThis as { ImageData?: unknown };
  page.ImageData ??= class implements Pixels {
    readonly data: Uint8ClampedArray;
    readonly width: number;
    readonly height: number;

    constructor(data: Uint8ClampedArray, width: number, height: number) {
      this.data = data;
      this.width = width;
      this.height = height;
    }
  };
}

/** Of an animation: its first frame as a file of its own, and where that stands. */
interface WebpFrame {
  file: Buffer;
  left: number;
  top: number;
}

function firstFrame(bytes: Uint8Array): WebpFrame | undefined {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word24 = (at: number): number => file.readUIntLE(at, 3);
  for (let at = 12; at + 8 <= file.length; at += 8 + paddedLength(file.readUInt32LE(at + 4))) {
    const type = file.toString('latin1', at, at + 4);
    if (type === 'VP8 ' || type === 'VP8L') break; // the picture itself
    if (type !== 'ANMF' || at + 24 > file.length) continue;
    const body = at + 8;
    const parts = file.subarray(body + 16, body + file.readUInt32LE(at + 4));
    return {
      file: asFile(parts, { width: word24(body + 6) + 1, height: word24(body + 9) + 1 }),
      left: word24(body) * 2,
      top: word24(body + 3) * 2,
    };
  }
  return undefined;
}

function paddedLength(length: number): number {
  return length + (length & 1);
}

/** The chunks of a frame, which may begin with its opacity. */
function asFile(parts: Buffer, { width, height }: { width: number; height: number }): Buffer {
  const extended = Buffer.alloc(18);
  extended.write('VP8X', 0, 'latin1');
  extended.writeUInt32LE(10, 4);
  extended[8] = 0x10; // has opacity
  extended.writeUIntLE(width - 1, 12, 3);
  extended.writeUIntLE(height - 1, 15, 3);
  const chunks = parts.toString('latin1', 0, 4) === 'ALPH' ? Buffer.concat([extended, parts]) : parts;
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(chunks.length + 4, 4);
  return Buffer.concat([head, chunks]);
}

function onCanvas(
  { width, height, rgba }: PictureGrid,
  { left, top }: WebpFrame,
  canvas: { width: number; height: number },
): PictureGrid {
  if (left + width > canvas.width || top + height > canvas.height)
    throw new DamagedPicture('a frame of it reaches over its edge');
  const whole = new Uint8Array(canvas.width * canvas.height * 4);
  for (let row = 0; row < height; row++)
    whole.set(rgba.subarray(row * width * 4, (row + 1) * width * 4), ((top + row) * canvas.width + left) * 4);
  return { ...canvas, rgba: whole };
}

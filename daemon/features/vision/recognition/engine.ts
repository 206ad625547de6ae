// Tesseract, as WebAssembly in this process. Its data are files of ours or of the user's: nothing is fetched.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import type { GrayPicture } from './ink.ts';

const gunzip = promisify(gunzipCallback);
const load = createRequire(import.meta.url); // not bundled: it finds its .wasm file beside itself
const coreName = 'tesseract.js-core/tesseract-core-simd-lstm.js';

/** How the text of a picture is laid out, by Tesseract's numbers. */
export const layouts = { page: 3, line: 7 } as const;

/** A character that was read, with its box in pixels of the picture. */
export interface ReadSymbol {
  text: string;
  /** 0 to 1. */
  confidence: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
  beginsWord: boolean;
  beginsLine: boolean;
}

/** Tesseract's data for one language, perhaps gzipped. */
export interface LanguageData {
  language: string;
  data: Uint8Array;
}

interface Box {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
}

/** The part of the module that is used. */
interface Core {
  FS: { writeFile(path: string, content: Uint8Array | string): void };
  TessBaseAPI: new () => Api;
  destroy(object: unknown): void;
  getPointer(object: unknown): number;
}

interface Api {
  Init(path: null, languages: string, mode: number, configFile: string): number;
  SetVariable(name: string, value: string): boolean;
  SetImageFile(orientation: number, angle: number): void;
  Recognize(monitor: null): number;
  GetIterator(): ResultIterator;
  Clear(): void;
}

interface ResultIterator {
  Begin(): void;
  Next(level: number): boolean;
  IsAtBeginningOf(level: number): boolean;
  GetUTF8Text(level: number): string | null;
  Confidence(level: number): number;
  getBoundingBox(level: number): Box;
}

/** Tesseract's numbers of what its iterator steps over. */
const levels = { line: 2, word: 3, symbol: 4 } as const;

const neuralOnly = 1; // Tesseract's OEM_LSTM_ONLY: the data have nothing else

// Code is no prose: a dictionary would make words of names, and numbers of what looks like them.
const config = ['load_system_dawg', 'load_freq_dawg', 'load_number_dawg', 'load_punc_dawg', 'load_bigram_dawg']
  .map((name) => `${name} 0\n`)
  .join('');
/** Characters that look like those of code, and are in none. */
const lookalikes = '‘’‚“”„«»‹›—–…•·°©®™§¢£¥€¬¦¨´¯¸×÷';

/** Lives as long as the process. One picture at a time: a call ends when the text is read, and nothing can stop it before. */
export class Engine {
  readonly #core: Core;
  readonly #api: Api;

  private constructor(core: Core, api: Api) {
    this.#core = core;
    this.#api = api;
  }

  static async start(languages: readonly LanguageData[]): Promise<Engine> {
    const start = load(coreName) as (options: object) => Promise<Core>;
    const core = await start({ wasmBinary: await readCore(), print: () => {}, printErr: () => {} });
    for (const { language, data } of languages) core.FS.writeFile(`${language}.traineddata`, await unzipped(data));
    core.FS.writeFile('/config', config);
    const api = new core.TessBaseAPI();
    const names = languages.map(({ language }) => language).join('+');
    if (api.Init(null, names, neuralOnly, '/config') !== 0) throw new Error(`Tesseract did not start with ${names}`);
    api.SetVariable('tessedit_char_blacklist', lookalikes);
    return new Engine(core, api);
  }

  read({ width, height, gray }: GrayPicture, layout: keyof typeof layouts): ReadSymbol[] {
    const header = Buffer.from(`P5\n${width} ${height}\n255\n`, 'latin1');
    this.#core.FS.writeFile('/input', Buffer.concat([header, gray]));
    this.#api.SetVariable('tessedit_pageseg_mode', String(layouts[layout]));
    this.#api.SetImageFile(1, 0);
    this.#api.Recognize(null);
    const symbols = [...this.#symbols()];
    this.#api.Clear();
    return symbols;
  }

  *#symbols(): Generator<ReadSymbol> {
    const results = this.#api.GetIterator();
    if (this.#core.getPointer(results) === 0) return;
    results.Begin();
    do {
      const text = results.GetUTF8Text(levels.symbol)?.trim();
      if (!text) continue;
      const { x0, y0, x1, y1 } = results.getBoundingBox(levels.symbol);
      yield {
        text,
        confidence: Math.max(0, Math.min(1, results.Confidence(levels.symbol) / 100)),
        left: x0,
        right: x1,
        top: y0,
        bottom: y1,
        beginsWord: results.IsAtBeginningOf(levels.word),
        beginsLine: results.IsAtBeginningOf(levels.line),
      };
    } while (results.Next(levels.symbol));
    this.#core.destroy(results);
  }
}

/** It compresses to less than half, so npm's package has it that way. */
async function readCore(): Promise<Uint8Array> {
  const file = load.resolve(coreName).replace(/js$/, 'wasm');
  return unzipped(await readFile(existsSync(file) ? file : `${file}.gz`));
}

async function unzipped(data: Uint8Array): Promise<Uint8Array> {
  return data[0] === 0x1f && data[1] === 0x8b ? gunzip(data) : data;
}

// Tree-sitter's parsers, each loaded at the first file of its language. A grammar that does not load is one less, and told once.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import type { Parser } from '@vscode/tree-sitter-wasm';

const gunzip = promisify(gunzipCallback);
const load = createRequire(import.meta.url);
const packageName = '@vscode/tree-sitter-wasm'; // not bundled: it finds its own .wasm files beside itself

/** Lives as long as the index worker. */
export class Parsers {
  readonly #parsers = new Map<string, Promise<Parser | undefined>>();
  readonly #onMissing: (sentence: string) => void;
  #started: Promise<typeof import('@vscode/tree-sitter-wasm')> | undefined;

  constructor(onMissing: (sentence: string) => void) {
    this.#onMissing = onMissing;
  }

  /** Undefined where the grammar cannot be loaded: the text is then cut into windows. */
  of(grammar: string): Promise<Parser | undefined> {
    let parser = this.#parsers.get(grammar);
    if (!parser) {
      parser = this.#load(grammar).catch((error: unknown) => {
        this.#onMissing(
          `Couldn't load the syntax of ${grammar}, so such files are indexed in fixed-size pieces (${error instanceof Error ? error.message : String(error)}).`,
        );
        return undefined;
      });
      this.#parsers.set(grammar, parser);
    }
    return parser;
  }

  async #load(grammar: string): Promise<Parser> {
    this.#started ??= start();
    const { Language, Parser } = await this.#started;
    const parser = new Parser();
    parser.setLanguage(await Language.load(await readGrammar(`tree-sitter-${grammar}.wasm`)));
    return parser;
  }
}

/** Grammars compress to a tenth, so npm's package has them that way. */
async function readGrammar(name: string): Promise<Uint8Array> {
  const file = join(dirname(load.resolve(packageName)), name);
  return existsSync(file) ? await readFile(file) : gunzip(await readFile(`${file}.gz`));
}

async function start(): Promise<typeof import('@vscode/tree-sitter-wasm')> {
  const treeSitter = load(packageName) as typeof import('@vscode/tree-sitter-wasm');
  await treeSitter.Parser.init();
  return treeSitter;
}

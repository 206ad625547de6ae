// Builds everything into dist/ (or `--out FOLDER`): the daemon (ESM, split so that a forwarder loads little), the extension (CommonJS), the webview.
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { usingInLoops } from './esbuild.using.mjs';

// Every script of this repository begins here, so this is where too old a Node is told rather than crashed on.
if (Number(process.versions.node.split('.')[0]) < 22) {
  process.stderr.write(
    `Switchyard needs Node 22 or newer; this is ${process.versions.node}. Run it through npm after \`npm ci\`, which brings the right one, or install a newer Node.\n`,
  );
  process.exit(3);
}

const production = process.argv.includes('--production');
const quiet = process.argv.includes('--quiet');
const outAt = process.argv.indexOf('--out');
const out = outAt < 0 ? 'dist' : process.argv[outAt + 1];
const started = Date.now();
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const common = {
  bundle: true,
  minify: production,
  sourcemap: production ? false : 'linked',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

/** A UMD build hides its requires from the bundler. */
const mainFields = ['module', 'main'];

/** Native or self-locating packages stay outside the bundle. */
const external = [
  'better-sqlite3',
  'sqlite-vec',
  'node-llama-cpp',
  '@napi-rs/keyring',
  '@vscode/tree-sitter-wasm',
  '@jsquash/webp',
  'tesseract.js-core',
];

// CommonJS packages inside an ES module bundle still call require() for Node's own modules.
const requireShim =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** The language client is a file of its own: compiling it would take most of the extension's activation. */
const languageClientApart = {
  name: 'language-client-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/language-client\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './language-client.cjs', external: true } : undefined,
    );
  },
};

/** What is loaded when it is first used, by its path; it is all in this file. */
const gestures = new Set();
const laterFile = './gestures.cjs';

/** So is everything else that the extension loads later: the editor waits for what activation reads, used or not. */
const gesturesApart = {
  name: 'gestures-apart',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) =>
      kind === 'dynamic-import'
        ? { path: relative('.', resolve(resolveDir, path)).replaceAll('\\', '/'), namespace: 'gesture' }
        : undefined,
    );
    onResolve({ filter: /\.cjs$/ }, ({ path }) => (path === laterFile ? { path, external: true } : undefined));
    onLoad({ filter: /./, namespace: 'gesture' }, ({ path }) => {
      gestures.add(path);
      return { contents: `module.exports = require(${JSON.stringify(laterFile)})[${JSON.stringify(path)}]()` };
    });
  },
};

const extension = {
  ...common,
  outdir: `${out}/extension`,
  supported: { 'dynamic-import': false }, // VS Code gives the module 'vscode' to require() alone
  mainFields,
  define: { navigator: 'undefined' }, // zod looks for a browser's; VS Code logs a warning at extensions that do
  outExtension: { '.js': '.cjs' },
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  external: ['vscode'],
};

/** Each file brings its own copies of what it shares with the others. */
async function buildExtension() {
  const main = await build({
    ...extension,
    entryPoints: { main: 'extension/main.ts' },
    plugins: [languageClientApart, gesturesApart, usingInLoops],
  });
  const table = [...gestures]
    .sort()
    .map((path) => `${JSON.stringify(path)}: () => require(${JSON.stringify(`./${path}`)})`);
  const later = await Promise.all([
    build({
      ...extension,
      stdin: { contents: `module.exports = { ${table.join(', ')} }`, resolveDir: '.', sourcefile: 'gestures.js' },
      outdir: undefined,
      outfile: `${out}/extension/gestures.cjs`,
      outExtension: undefined,
      plugins: [languageClientApart, usingInLoops],
    }),
    build({
      ...extension,
      entryPoints: { 'language-client': 'extension/language-client.ts' },
      plugins: [usingInLoops],
    }),
  ]);
  return [main, ...later];
}

const results = await Promise.all([
  build({
    ...common,
    entryPoints: {
      switchyard: 'daemon/switchyard.ts',
      'storage-worker': 'daemon/storage/sqlite/worker.ts',
      'inference-host': 'daemon/models/inference/host.ts',
      'code-indexer': 'daemon/code-index/host.ts',
      'picture-host': 'daemon/features/vision/host.ts',
      'text-reader': 'daemon/features/vision/recognition/host.ts',
      'page-reader': 'daemon/features/web/reading/host.ts',
    },
    outdir: `${out}/daemon`,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    external,
    plugins: [usingInLoops],
    mainFields,
    banner: { js: requireShim },
    define: {
      __SWITCHYARD_VERSION__: JSON.stringify(version),
      __SWITCHYARD_STAMP__: String(Math.floor(started / 1000)),
    },
  }),
  buildExtension(),
  build({
    ...common,
    entryPoints: {
      chat: 'webview/chat.ts',
      history: 'webview/history.ts',
      jobs: 'webview/jobs.ts',
      'history-answers': 'webview/history-answers.ts',
      math: 'webview/math.ts',
    },
    outdir: `${out}/webview`,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    loader: { '.css': 'text' },
  }),
]);
// A running daemon may still load its chunks while we write ours: only those of no build are removed, and only now.
const written = new Set(Object.keys(results[0].metafile.outputs).map((file) => basename(file)));
for (const file of readdirSync(`${out}/daemon/chunks`))
  if (!written.has(file)) rmSync(`${out}/daemon/chunks/${file}`, { force: true });
// Whose code is in the bundles, for their licences in the package.
const inputs = results.flat().flatMap(({ metafile }) => Object.keys(metafile.inputs));
const packages = inputs.flatMap(
  (file) => /^node_modules\/(?:.*\/node_modules\/)?(@[^/]+\/[^/]+|[^/]+)\//.exec(file)?.[0] ?? [],
);
writeFileSync(`${out}/bundled.json`, JSON.stringify([...new Set(packages)].sort()));
cpSync('media/icons', `${out}/webview/icons`, { recursive: true, force: true, errorOnExist: false });
if (!quiet) process.stderr.write(`built ${out}/ in ${Date.now() - started} ms\n`);

// What both packages are made of, the VSIX and npm's: the files that native packages load, the licences of what is bundled, a trial run.
// What a package needs at run time is what esbuild reaches from its entry.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
export const modules = join('dist', 'daemon', 'node_modules'); // beside the program: a top-level node_modules is left out of packages
export const platform = `${process.platform}-${process.arch}`;

const grammars = [
  'typescript',
  'tsx',
  'javascript',
  'python',
  'go',
  'rust',
  'java',
  'c-sharp',
  'cpp',
  'ruby',
  'php',
  'bash',
]; // those of daemon/code-index/chunk/languages.ts

/** Packages that stay outside the bundle, each with the files that no import leads to: what it opens by path on this platform. */
export const natives = {
  'better-sqlite3': [`better-sqlite3/prebuilds/${platform}.node`],
  'sqlite-vec': ['sqlite-vec/index.cjs', `sqlite-vec-${platform.replace('win32', 'windows')}`],
  'node-llama-cpp': ['node-llama-cpp/llama/binariesGithubRelease.json', `@node-llama-cpp/${llamaPackage()}`],
  '@napi-rs/keyring': [],
  'tesseract.js-core': ['js', 'wasm'].map((ending) => `tesseract.js-core/tesseract-core-simd-lstm.${ending}`),
  '@tesseract.js-data/eng': ['@tesseract.js-data/eng/4.0.0_best_int/eng.traineddata.gz'],
  '@jsquash/webp': [
    'LICENSE.codec.md', // libwebp's
    ...['dec/webp_dec', 'enc/webp_enc'].flatMap((codec) => [`${codec}.js`, `${codec}.wasm`]),
  ].map((file) => `@jsquash/webp/codec/${file}`),
  '@vscode/tree-sitter-wasm': ['', ...grammars].map(
    (grammar) => `@vscode/tree-sitter-wasm/wasm/tree-sitter${grammar && `-${grammar}`}.wasm`,
  ),
};

/** What is imported of a package that has several programs; of others it's the package. */
const programs = { 'tesseract.js-core': 'tesseract.js-core/tesseract-core-simd-lstm.js' };

/** Copies those of the repository's files. */
export function stageFiles(stage, paths) {
  for (const path of paths) {
    if (!existsSync(join(root, path))) throw new Error(`${path} is missing, and the package needs it.`);
    cpSync(join(root, path), join(stage, path), { recursive: true });
  }
}

/** Copies what the native packages load at run time, file by file, with the manifests and licences of every package touched. */
export async function stageNatives(stage) {
  const needed = [
    ...(await reachable(Object.keys(natives).map((name) => programs[name] ?? name))),
    ...Object.values(natives).flat(),
  ];
  const companions = needed.flatMap((file) => [
    ...foldersOf(file).map((folder) => `${folder}/package.json`), // also inside a package: it says which module system a folder is in
    ...['LICENSE', 'LICENSE.md', 'LICENSE.third-party.md', 'license', 'NOTICE'].map(
      (name) => `${packageOf(file)}/${name}`,
    ),
  ]);
  const present = companions.filter((file) => existsSync(join(root, 'node_modules', file)));
  for (const file of new Set([...needed, ...present])) {
    const from = join(root, 'node_modules', file);
    if (!existsSync(from))
      throw new Error(
        `node_modules/${file} is missing: is there a build of this package for ${platform}? Run npm ci again.`,
      );
    cpSync(from, join(stage, modules, file), { recursive: true });
  }
}

/** The licences of the packages inside the bundles; those that are staged as folders carry their own. */
export function stageNotices(stage, bundled) {
  const folders = JSON.parse(readFileSync(bundled, 'utf8'));
  const notices = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
    const text = file ? readFileSync(join(root, folder, file), 'utf8').trim() : `Licence: ${license}`;
    return `${name} ${version}\n${'-'.repeat(72)}\n${text}\n`;
  });
  writeFileSync(
    join(stage, 'THIRD-PARTY-NOTICES.txt'),
    `Switchyard contains code of these packages.\n\n${notices.join('\n\n')}`,
  );
}

/** Files below node_modules, by static and dynamic imports of the entries; other platforms' packages are not installed, so not reached. */
async function reachable(entries) {
  const { metafile } = await build({
    stdin: { contents: entries.map((name) => `import '${name}';`).join('\n'), resolveDir: root },
    bundle: true,
    metafile: true,
    write: false,
    outdir: 'unused',
    absWorkingDir: root,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    loader: { '.node': 'file' },
    // The last one copies local files for node-llama-cpp's own downloads, which we don't use: it is imported only then.
    external: ['@node-llama-cpp/*', 'electron', '@reflink/reflink'],
  });
  return Object.keys(metafile.inputs)
    .filter((file) => file.startsWith('node_modules/'))
    .map((file) => file.slice('node_modules/'.length));
}

/** `a/node_modules/@b/c/lib/d.js` is of the package `a/node_modules/@b/c`. */
export function packageOf(file) {
  const inner = file.lastIndexOf('node_modules/');
  const start = inner < 0 ? 0 : inner + 'node_modules/'.length;
  const [first, second] = file.slice(start).split('/');
  return file.slice(0, start) + (first.startsWith('@') ? `${first}/${second}` : first);
}

/** The package's folder and those in it that lead to the file. */
function foldersOf(file) {
  const top = packageOf(file);
  const inside = file.slice(top.length).split('/').slice(1, -1);
  return [top, ...inside.map((_, index) => [top, ...inside.slice(0, index + 1)].join('/'))];
}

function llamaPackage() {
  if (process.platform === 'darwin') return process.arch === 'arm64' ? 'mac-arm64-metal' : 'mac-x64';
  return platform.replace('win32', 'win');
}

/** Runs a copy that cannot see the repository: the program starts, and each native package loads and works. */
export function tryOut(stage) {
  const copy = mkdtempSync(join(realpathSync(tmpdir()), 'switchyard-package-'));
  try {
    cpSync(stage, copy, { recursive: true });
    run(copy, 'dist/daemon/switchyard.js', '--version');
    const probe = join(copy, 'dist', 'daemon', 'probe.mjs');
    writeFileSync(
      probe,
      `import Database from 'better-sqlite3';
       import { load } from 'sqlite-vec';
       import { getLlama } from 'node-llama-cpp';
       import { Entry } from '@napi-rs/keyring';
       import { fork } from 'node:child_process';
       import { readFileSync } from 'node:fs';
       import { fileURLToPath } from 'node:url';
       const database = new Database(':memory:');
       load(database);
       database.prepare('select vec_version()').get();
       await (await getLlama({ gpu: false, build: 'never', skipDownload: true })).dispose();
       const host = fork(new URL('inference-host.js', import.meta.url), { serialization: 'advanced' });
       const path = fileURLToPath(new URL('../../media/models/all-minilm-l6-v2.gguf', import.meta.url));
       host.send({ kind: 'request', id: 1, name: 'embed', params: { path, texts: ['The package embeds a sentence.'], windowTokens: 256 } });
       const answer = await new Promise((resolve, reject) => {
         host.on('message', (message) => message.id === 1 && resolve(message)).on('exit', (code) => reject(new Error('the inference host ended with ' + code)));
       });
       if (answer.result?.[0]?.length !== 384) throw new Error('no embedding: ' + JSON.stringify(answer));
       host.disconnect();
       const indexer = fork(new URL('code-indexer.js', import.meta.url), { serialization: 'advanced' });
       const root = fileURLToPath(new URL('.', import.meta.url));
       indexer.send({ kind: 'request', id: 1, name: 'scan', params: { root, known: [], only: ['probe.mjs'], ownFolders: [] } });
       await new Promise((resolve, reject) => {
         indexer.on('message', ({ kind, part, failure }) => {
           if (kind === 'failure' || part?.kind === 'note') reject(new Error(part?.sentence ?? JSON.stringify(failure)));
           if (part?.kind === 'file') part.file.chunks.some(({ kind }) => kind !== 'window') ? resolve() : reject(new Error('no syntax was understood'));
         }).on('exit', (code) => reject(new Error('the indexer ended with ' + code)));
       });
       indexer.disconnect();
       const reader = fork(new URL('text-reader.js', import.meta.url), { serialization: 'advanced' });
       const data = readFileSync(new URL('node_modules/@tesseract.js-data/eng/4.0.0_best_int/eng.traineddata.gz', import.meta.url));
       const white = { width: 64, height: 64, rgba: new Uint8Array(64 * 64 * 4).fill(255) };
       for (let at = 64 * 30 * 4; at < 64 * 34 * 4; at++) white.rgba[at] = at % 4 === 3 ? 255 : 0;
       reader.send({ kind: 'request', id: 1, name: 'read', params: { picture: white, languages: [{ language: 'eng', data }] } });
       const read = await new Promise((resolve, reject) => {
         reader.on('message', (message) => message.id === 1 && resolve(message)).on('exit', (code) => reject(new Error('text recognition ended with ' + code)));
       });
       if (!Array.isArray(read.result)) throw new Error('no text was read: ' + JSON.stringify(read));
       reader.disconnect();
       const decoder = fork(new URL('picture-host.js', import.meta.url), { serialization: 'advanced' });
       const bytes = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
       decoder.send({ kind: 'request', id: 1, name: 'prepare', params: { bytes, name: 'pixel.png' } });
       const picture = await new Promise((resolve, reject) => {
         decoder.on('message', (message) => message.id === 1 && resolve(message)).on('exit', (code) => reject(new Error('the decoder of pictures ended with ' + code)));
       });
       if (!picture.result?.facts.thumbnail.startsWith('data:image/webp')) throw new Error('no picture: ' + JSON.stringify(picture));
       decoder.disconnect();
       if (typeof Entry !== 'function') throw new Error('no keyring');`,
    );
    run(copy, probe);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

export function refuseDevelopmentFiles(files) {
  const unwanted = files.filter((file) =>
    /\.(map|[cm]?ts|tsx|c|cc|cpp|h|hpp|gyp|bundle)$|(?<!^media\/models\/all-minilm-l6-v2)\.gguf$|(^|\/)(tests?|__tests__)\/|^media\/(sample|screenshots)\//.test(
      file,
    ),
  );
  if (unwanted.length > 0)
    throw new Error(
      `Not for the package:\n  ${unwanted.slice(0, 20).join('\n  ')}\nTake them out of what is staged, or out of .vscodeignore's list.`,
    );
}

/** Prints the largest parts. */
export function summarise(stage, files) {
  const parts = new Map();
  for (const file of files) {
    const inModules = file.startsWith('dist/daemon/node_modules/')
      ? packageOf(relative(modules, file)).split('/node_modules/')[0]
      : undefined;
    const part = inModules ? `node_modules/${inModules}` : file.split('/').slice(0, 2).join('/');
    const { count, bytes } = parts.get(part) ?? { count: 0, bytes: 0 };
    parts.set(part, { count: count + 1, bytes: bytes + statSync(join(stage, file)).size });
  }
  const largest = [...parts].sort(([, a], [, b]) => b.bytes - a.bytes).slice(0, 12);
  for (const [part, { count, bytes }] of largest)
    console.log(`${megabytes(bytes).padStart(9)}  ${String(count).padStart(4)} files  ${part}`);
}

export function megabytes(bytes) {
  return `${(bytes / 1024 / 1024).toFixed(2)} MB`;
}

export function run(cwd, ...parameters) {
  const { status, stdout, stderr } = spawnSync(process.execPath, parameters, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    windowsHide: true,
  });
  if (status !== 0) throw new Error(`node ${parameters.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
}

/** npm's standard output, run in that folder. */
export function npm(cwd, ...parameters) {
  const { status, stdout, stderr, error } = spawnSync('npm', parameters, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32', // it is a script there
    windowsHide: true,
  });
  if (status !== 0) throw error ?? new Error(`npm ${parameters.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

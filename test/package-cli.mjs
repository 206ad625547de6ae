// Makes the package that `npm install -g` takes, for this platform: the command line, the daemon and the views, without anything of
// an editor's. `--to FOLDER` stages it elsewhere than in dist/npm and leaves the package there.
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  modules,
  npm,
  platform,
  refuseDevelopmentFiles,
  root,
  run,
  stageFiles,
  stageNatives,
  stageNotices,
  summarise,
  tryOut,
} from './staging.mjs';

const toAt = process.argv.indexOf('--to');
const folder = toAt < 0 ? join(root, 'dist', 'npm') : resolve(process.argv[toAt + 1]);
const stage = join(folder, 'package');
const maxBytes = 70_000_000; // unpacked, with everything that it needs

/**
 * llama.cpp has a library for each generation of processors, and takes the best one that runs. These are left out: what runs them also
 * runs one that stays: x64 for any, haswell for AVX2, icelake for AVX-512.
 */
const leftOut = /ggml-cpu-(?!x64|haswell|icelake)\w+\.(so|dll)$/;
/** Packages of one platform alone. */
const ofPlatform = ['@node-llama-cpp/*', '@napi-rs/keyring-*', 'sqlite-vec-*'];

await main();

async function main() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  run(root, 'esbuild.mjs', '--production', '--quiet', '--out', join(stage, 'dist'));
  const bundled = join(folder, 'bundled.json');
  renameSync(join(stage, 'dist', 'bundled.json'), bundled);
  rmSync(join(stage, 'dist', 'extension'), { recursive: true });
  stageFiles(stage, ['media/models', 'media/eval', 'l10n', 'CHANGELOG.md', 'LICENSE', 'README.md']);
  stageNotices(stage, bundled);
  await stageNatives(stage);
  shrink();
  writeManifest(manifest, moveOptional());
  tryOut(stage);
  pack(`switchyard-${platform}-${manifest.version}.tgz`);
}

function shrink() {
  const within = join(stage, modules);
  const programs = ['@vscode/tree-sitter-wasm/wasm/tree-sitter-*.wasm', 'tesseract.js-core/*.wasm'];
  for (const program of programs.flatMap((pattern) => globSync(pattern, { cwd: within }))) {
    const file = join(within, program);
    writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
    rmSync(file);
  }
  for (const library of globSync('@node-llama-cpp/*/bins/**/*', { cwd: within }))
    if (leftOut.test(basename(library))) rmSync(join(within, library));
}

/** Natives of this platform stand where npm has optional dependencies, and travel in the package. Returns them with their versions. */
function moveOptional() {
  const found = ofPlatform.flatMap((pattern) => globSync(pattern, { cwd: join(stage, modules) }));
  const versions = found.map((name) => {
    const to = join(stage, 'node_modules', name);
    mkdirSync(dirname(to), { recursive: true });
    renameSync(join(stage, modules, name), to);
    const { files, ...manifest } = JSON.parse(readFileSync(join(to, 'package.json'), 'utf8'));
    writeFileSync(join(to, 'package.json'), JSON.stringify(manifest)); // npm heeds `files`, which one of them has empty
    return [name.replaceAll('\\', '/'), manifest.version];
  });
  return Object.fromEntries(versions);
}

function writeManifest({ name, version, description, license, type, engines, keywords }, optionalDependencies) {
  const manifest = {
    name,
    version,
    description,
    license,
    type,
    keywords,
    bin: { switchyard: 'dist/daemon/switchyard.js' },
    engines: { node: engines.node },
    os: [process.platform],
    cpu: [process.arch],
    files: ['dist', 'media', 'l10n', 'CHANGELOG.md', 'THIRD-PARTY-NOTICES.txt'],
    optionalDependencies,
    bundleDependencies: Object.keys(optionalDependencies),
  };
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function pack(name) {
  const [{ filename, unpackedSize, files }] = JSON.parse(npm(stage, 'pack', '--json', '--pack-destination', folder));
  const paths = files.map(({ path }) => path);
  refuseDevelopmentFiles(paths);
  summarise(stage, paths);
  const file = join(folder, name);
  renameSync(join(folder, filename), file);
  const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
  const sizes = `${megabytes(statSync(file).size)}, unpacked ${megabytes(unpackedSize)}`;
  console.log(`${relative(process.cwd(), file)}: ${sizes} in ${paths.length} files`);
  if (unpackedSize > maxBytes) throw new Error(`Unpacked, the package is larger than ${megabytes(maxBytes)}.`);
}

// Makes the VSIX of this platform: a production build, a pruned copy of it under dist/vsix, a trial run of that copy, then vsce.
// What may enter is the allow-list in .vscodeignore.
import { globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
import { localise } from './localise.ts';
import {
  megabytes,
  natives,
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

const stage = join(root, 'dist', 'vsix');
const maxBytes = 64 * 1024 * 1024; // some 33 MB of it are the embedding model's weights, which no packing makes smaller

await main();

async function main() {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  removeMaps();
  run(root, 'esbuild.mjs', '--production', '--quiet');
  stageProduct(manifest);
  await stageNatives(stage);
  stageNotices(stage, join(root, 'dist', 'bundled.json'));
  tryOut(stage);
  const vsix = join(root, 'dist', `switchyard-${platform}-${manifest.version}.vsix`);
  const files = await listFiles({ cwd: stage, packageManager: PackageManager.None });
  refuseDevelopmentFiles(files);
  await createVSIX({
    cwd: stage,
    packagePath: vsix,
    target: platform,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
  });
  summarise(stage, files);
  const { size } = statSync(vsix);
  console.log(`${relative(root, vsix)}: ${megabytes(size)} in ${files.length} files`);
  if (size > maxBytes) throw new Error(`The package is larger than ${megabytes(maxBytes)}.`);
}

/** A development build leaves source maps, which a production build does not write over. */
function removeMaps() {
  const maps = globSync('dist/{daemon,extension,webview}/**/*.map', {
    cwd: root,
    exclude: (path) => basename(path) === 'node_modules',
  });
  for (const map of maps) rmSync(join(root, map));
}

function stageProduct(manifest) {
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  stageFiles(stage, [
    'dist/daemon',
    'dist/extension',
    'dist/webview',
    'l10n',
    'media',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    '.vscodeignore',
  ]);
  const { scripts, devDependencies, optionalDependencies, overrides, ...rest } = manifest;
  const dependencies = Object.fromEntries(Object.entries(rest.dependencies).filter(([name]) => name in natives));
  const german = JSON.parse(readFileSync(join(root, 'l10n', 'bundle.l10n.de.json'), 'utf8'));
  const { keyed, english, translated } = localise({ ...rest, dependencies }, german);
  const files = { 'package.json': keyed, 'package.nls.json': english, 'package.nls.de.json': translated };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(stage, name), `${JSON.stringify(content, null, 2)}\n`);
}

// `npm run test:editors [-- NAME…]`: builds and packages, installs what is missing, installs the package as a user would, and runs
// the suites one after the other. Names choose suites by a part of their path in this folder.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { productVariables } from './harness/product.ts';
import { installPackage } from './harness/vscode/code-server.ts';
import { setUpEditors } from './setup.ts';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');

process.exitCode = await main(process.argv.slice(2));

async function main(names: string[]): Promise<number> {
  const files = readdirSync(here, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.test.ts'));
  const unknown = names.filter((name) => !files.some((file) => file.includes(name)));
  if (unknown.length > 0) {
    console.error(`No suite of test/editors is named ${unknown.join(', ')}.`);
    return 2;
  }
  const { codeServer, sid, missing } = setUpEditors();
  const built = node(['test/package.mjs']);
  if (built !== 0) return built;
  const temporary = mkdtempSync(join(realpathSync(tmpdir()), 'sy-editors-'));
  try {
    const vsix = copyAway(temporary);
    const extensionsFolder = join(temporary, 'extensions');
    const extensionFolder = await installPackage(vsix, { codeServer, extensionsFolder }).catch((error: unknown) => {
      missing.push(`the package could not be installed in code-server: ${String(error)}`);
      return '';
    });
    const suites = files.filter((file) => matches(file, names)).map((file) => join(here, file));
    return node(
      [join(root, 'node_modules/mocha/bin/mocha.js'), '--reporter', 'spec', '--timeout', '600000', ...suites],
      {
        [productVariables.extensionsFolder]: extensionsFolder,
        [productVariables.extensionFolder]: extensionFolder,
        [productVariables.codeServer]: codeServer,
        [productVariables.sid]: sid,
        [productVariables.missing]: JSON.stringify(missing),
      },
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Copies the package to a folder from which the repository cannot be seen. */
function copyAway(temporary: string): string {
  const vsix = readdirSync(join(root, 'dist')).find((file) => file.endsWith('.vsix'));
  if (!vsix) throw new Error('npm run package left no .vsix in dist.');
  const copy = join(temporary, 'package', basename(vsix));
  mkdirSync(dirname(copy));
  copyFileSync(join(root, 'dist', vsix), copy);
  return copy;
}

function matches(file: string, names: string[]): boolean {
  return names.length === 0 || file === 'setup.test.ts' || names.some((name) => file.includes(name));
}

function node(parameters: string[], variables: NodeJS.ProcessEnv = {}): number {
  const { status } = spawnSync(process.execPath, parameters, {
    cwd: root,
    env: { ...process.env, ...variables },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return status ?? 1;
}

// `npm run test:desktop`: the cases of host/cases.ts in the VS Code that @vscode/test-electron downloads. For a desktop with a
// screen and internet, after `npm run package`; `npm run test:editors` runs the same cases without either.
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests } from '@vscode/test-electron';
import { configFor, startModel } from './harness/flawed-code.ts';
import { Home } from './harness/home.ts';
import { productVariables } from './harness/product.ts';
import { bundleSuite, type CaseResult, resultsVariable } from './harness/vscode/extension-host.ts';

const packaged = resolve(dirname(fileURLToPath(import.meta.url)), '../../dist/vsix');

if (!existsSync(packaged)) throw new Error('There is nothing to test yet: run npm run package first.');
process.env[productVariables.extensionFolder] = packaged;
process.exitCode = await main();

async function main(): Promise<number> {
  await using model = await startModel();
  const home = new Home(configFor(model));
  try {
    const folder = mkdtempSync(join(home.root, 'host-'));
    const results = join(folder, 'results.jsonl');
    const code = await runTests({
      extensionDevelopmentPath: packaged,
      extensionTestsPath: await bundleSuite(folder),
      extensionTestsEnv: { ...home.env, [resultsVariable]: results },
      launchArgs: [home.workspace(), '--disable-extensions', '--user-data-dir', join(folder, 'data')],
    }).catch(() => 1); // what failed is in the results
    print(results);
    return code;
  } finally {
    await home.end();
  }
}

function print(results: string): void {
  const lines = existsSync(results) ? readFileSync(results, 'utf8').trim().split('\n') : [];
  for (const line of lines) {
    const { name, error, notes } = JSON.parse(line) as CaseResult;
    console.log([`${error ? 'failed' : 'passed'}: ${name}`, ...notes, ...(error ? [error] : [])].join('\n  '));
  }
}

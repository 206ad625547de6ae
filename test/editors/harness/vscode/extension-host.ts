// Runs the cases of host/cases.ts inside VS Code's real extension host, and brings their results back.
// The page is only the window that an extension host needs; service workers, hence webviews, do not run in this mode.
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { launchBrowser, openPage } from '../browser.ts';
import { Child } from '../child.ts';
import type { Home } from '../home.ts';
import { product } from '../product.ts';

export interface CaseResult {
  name: string;
  /** Why it failed; absent when it passed. */
  error?: string;
  /** What the case wants a reader to see, such as a measured time. */
  notes: string[];
}

/** Where the suite writes a line of JSON for each case. */
export const resultsVariable = 'SWITCHYARD_TEST_RESULTS';

/** Bundles a suite of the folder `host` to a CommonJS module with `run()`, as an extension host wants it. */
export async function bundleSuite(folder: string, name = 'suite.ts'): Promise<string> {
  const outfile = join(folder, 'suite.cjs');
  await build({
    entryPoints: [resolve(dirname(fileURLToPath(import.meta.url)), '../../host', name)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['vscode'],
    logLevel: 'error',
  });
  return outfile;
}

export interface HostRun {
  home: Home;
  /** A path, or the URI of a folder that `developed` provides. */
  workspace: string;
  suite?: string;
  /** The folder of an extension that is under development instead of ours, which is installed then: VS Code takes one alone. */
  developed?: string;
  limitMs?: number;
}

export async function runInExtensionHost({
  home,
  workspace,
  suite = 'suite.ts',
  developed,
  limitMs = 420_000,
}: HostRun): Promise<CaseResult[]> {
  const folder = mkdtempSync(join(home.root, 'host-'));
  const results = join(folder, 'results.jsonl');
  const module = await bundleSuite(folder, suite);
  const { codeServer, extensionFolder, extensionsFolder } = product;
  await using server = new Child(
    process.execPath,
    [
      join(codeServer, 'lib', 'vscode', 'out', 'server-main.js'),
      '--host',
      '127.0.0.1',
      '--port',
      '0',
      '--without-connection-token',
      '--accept-server-license-terms',
      '--server-data-dir',
      join(folder, 'data'),
      '--telemetry-level',
      'off',
      '--enable-smoke-test-driver',
      ...(developed === undefined ? [] : ['--extensions-dir', extensionsFolder]),
      '--disable-workspace-trust', // VS Code starts no MCP server in a window that isn't trusted
    ],
    { cwd: home.root, env: { ...home.env, [resultsVariable]: results } },
  );
  const [, port] = await server.says(/Server bound to 127\.0\.0\.1:(\d+)/);
  const authority = `127.0.0.1:${port}`;
  const output = await visit({ authority, developed: developed ?? extensionFolder, module, workspace, limitMs });
  if (!existsSync(results))
    throw new Error(`The suite did not run in the extension host:\n${output}\n${server.output}`);
  return readFileSync(results, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as CaseResult);
}

interface Visit {
  authority: string;
  developed: string;
  module: string;
  workspace: string;
  limitMs: number;
}

/** Opens the workbench with the suite as its payload and stays until the extension host says that it is done. */
async function visit({ authority, developed, module, workspace, limitMs }: Visit): Promise<string> {
  const remote = (path: string) => `vscode-remote://${authority}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(developed)],
    ['extensionTestsPath', remote(module)],
    ['skipWelcome', 'true'],
  ];
  const said: string[] = [];
  const browser = await launchBrowser();
  try {
    const page = await openPage(browser, { viewport: { width: 1400, height: 900 } });
    const done = Promise.withResolvers<void>();
    await page.exposeFunction('codeAutomationLog', (level: string, parameters: unknown[]) =>
      said.push(`${level} ${parameters.join(' ')}`),
    );
    await page.exposeFunction('codeAutomationExit', () => done.resolve());
    await page.goto(
      `http://${authority}/?folder=${encodeURIComponent(workspace)}&payload=${encodeURIComponent(JSON.stringify(payload))}`,
    );
    const timer = setTimeout(() => {
      said.push(`no end of the suite within ${limitMs} ms`);
      done.resolve();
    }, limitMs);
    await done.promise;
    clearTimeout(timer);
  } finally {
    await browser.close();
  }
  return said.join('\n');
}

// Bytes that a user downloads, and of what. The VSIX is this platform's; when there is none in dist/, it is built first.
import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { known, type Result } from './kit/report.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export async function run(): Promise<Result> {
  const vsix = findVsix() ?? buildVsix();
  return {
    rows: [
      {
        what: 'VSIX, no GPU packages',
        unit: 'MB',
        rounds: known(megabytes([vsix])),
        goal: { of: 'value', atMost: 64 },
      },
      {
        what: 'dist/extension',
        unit: 'MB',
        rounds: known(megabytes(built('dist/extension/*.cjs'))),
        goal: { of: 'value', atMost: 2 },
      },
      { what: 'of it loaded by activation', unit: 'MB', rounds: known(megabytes(['dist/extension/main.cjs'])) },
      {
        what: 'dist/daemon, without packages',
        unit: 'MB',
        rounds: known(megabytes([...built('dist/daemon/*.js'), ...built('dist/daemon/chunks/*.js')])),
      },
      { what: 'dist/webview/chat.js', unit: 'MB', rounds: known(megabytes(['dist/webview/chat.js'])) },
    ],
    notes: [`${vsix} is of ${statSync(`${root}/${vsix}`).mtime.toISOString()}; \`npm run package\` makes it anew.`],
  };
}

function built(pattern: string): string[] {
  return globSync(pattern, { cwd: root });
}

function findVsix(): string | undefined {
  return built(`dist/switchyard-${process.platform}-${process.arch}-*.vsix`)[0];
}

function buildVsix(): string {
  const { status, stderr } = spawnSync(process.execPath, ['test/package.mjs'], { cwd: root, encoding: 'utf8' });
  const vsix = findVsix();
  if (status !== 0 || !vsix) throw new Error(`the package could not be built:\n${stderr}`);
  return vsix;
}

function megabytes(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + statSync(`${root}/${file}`).size, 0) / 1024 ** 2;
}

// `switchyard start`, also the default command: shows Switchyard in VS Code if it is installed, else in the browser.
import { spawn } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { ModelsList } from '../../shared/protocol/models.ts';
import { spawnedCommand } from '../base/process/windows-command.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, readArguments } from './kit/command.ts';
import { printLine } from './kit/terminal.ts';
import { printWays } from './models.ts';
import { openViews } from './open.ts';

export const options = {} as const;

export async function run(args: string[]): Promise<ExitCode> {
  readArguments(args, options, 0);
  await withDaemon(async (client) => {
    printLine(
      `${client.started ? 'Started' : 'Connected to'} the daemon (process ${client.pid}). It stops on its own when unused.`,
    );
    const { models } = await client.call(ModelsList, {});
    const code = findOnPath('code');
    const repository = repositoryFolder();
    if (code && repository) showInCode(code, repository);
    else await openViews(client);
    if (models.length > 0) return printLine(`Models: ${models.map(({ id }) => id).join(', ')}`);
    const review = repository ? 'npm start -- review media/sample/src/cart.ts' : 'switchyard review FILE';
    printLine(`No model is set up yet. Reviews work without one, using linters. Try \`${review}\`.`);
    await printWays(client);
  });
  return 0;
}

function findOnPath(program: string): string | undefined {
  const names = process.platform === 'win32' ? [`${program}.cmd`, `${program}.exe`] : [program];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
}

/** The repository that this program was built in; undefined for an installed extension, which has no sample. */
function repositoryFolder(): string | undefined {
  const root = join(dirname(realpathSync(process.argv[1] ?? '')), '..', '..');
  return existsSync(join(root, 'media', 'sample')) && existsSync(join(root, 'extension')) ? root : undefined;
}

function showInCode(code: string, repository: string): void {
  const args = [
    `--extensionDevelopmentPath=${repository}`,
    '--disable-workspace-trust',
    join(repository, 'media', 'sample'),
    join(repository, 'media', 'sample', 'src', 'cart.ts'),
  ];
  const command = spawnedCommand(code, args, { areUsers: true });
  const child = spawn(command.file, command.args, {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
    windowsVerbatimArguments: command.isVerbatim,
  });
  child.on('error', (error) => process.stderr.write(`switchyard: couldn't start VS Code: ${error.message}\n`));
  child.unref();
  printLine('Opened media/sample in a VS Code development window. Click Switchyard in its activity bar.');
}

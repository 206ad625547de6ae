// Fetches a package with the user's own npm: it alone knows the registry, proxies, certificates and accounts that are set up for it.
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { CancelledError, UserError } from '../../../base/errors.ts';
import { programAt, spawnedCommand } from '../../../base/process/windows-command.ts';

export interface PackageFetch {
  name: string;
  version: string;
  /** An empty folder for it. */
  folder: string;
  /** The PATH on which npm is looked for. */
  path: string;
  signal: AbortSignal;
}

/** The package's file as the registry has it. npm runs none of its scripts. Throws UserError and CancelledError. */
export async function fetchWithNpm({ name, version, folder, path, signal }: PackageFetch): Promise<string> {
  const npm = npmOn(path);
  if (!npm)
    throw new UserError(
      'npm-missing',
      `npm isn't on your PATH, and GPU support is a package of its registry. Install Node.js with npm. Or download ${name} ${version} as a .tgz file elsewhere, and run \`switchyard gpu install FILE\`.`,
    );
  await writeFile(join(folder, 'package.json'), '{}'); // npm would look for a project's settings further up
  await run([...npm, 'pack', `${name}@${version}`, '--ignore-scripts', '--loglevel=error'], { folder, path, signal });
  const file = (await readdir(folder)).find((entry) => entry.endsWith('.tgz'));
  if (file === undefined) throw failed(`npm didn't save ${name}.`);
  return join(folder, file);
}

/** Its command line. */
function npmOn(path: string): string[] | undefined {
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    const npm = programAt(join(folder, 'npm'), folders);
    if (npm) return [npm.file, ...npm.before];
  }
  return undefined;
}

function run(
  [program = '', ...args]: readonly string[],
  { folder, path, signal }: Pick<PackageFetch, 'folder' | 'path' | 'signal'>,
): Promise<void> {
  const { NODE_OPTIONS: _, ...env } = process.env;
  const command = spawnedCommand(program, args, { areUsers: true });
  const options = {
    cwd: folder,
    env: { ...env, PATH: path, ELECTRON_RUN_AS_NODE: '1' },
    signal,
    maxBuffer: 16 * 1024 * 1024,
    windowsHide: true,
    windowsVerbatimArguments: command.isVerbatim,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(command.file, command.args, options, (error, _stdout, stderr) => {
      if (signal.aborted) reject(new CancelledError());
      else if (error) reject(failed(npmReason(stderr) || error.message, error));
      else resolve();
    });
    child.stdin?.on('error', () => {}); // it may not have started
    child.stdin?.end();
  });
}

/** What npm says of a failure, without its prefixes and the place of its log. */
function npmReason(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => /^npm (?:error|ERR!)\s+(.*\S)/.exec(line)?.[1] ?? '')
    .filter((line) => line !== '' && !/complete log of this run|^errno |^syscall |^code [A-Z]/.test(line));
  const code = /^npm (?:error|ERR!) code (\w+)/m.exec(stderr)?.[1];
  return [...(code ? [code] : []), ...lines.slice(0, 2)].join(': ').replace(/\.$/, '');
}

function failed(reason: string, cause?: unknown): UserError {
  return new UserError(
    'download-failed',
    `npm couldn't download GPU support (${reason}). Check npm's settings with \`npm ping\`, then try again. Models run on the CPU until then.`,
    { retryable: true, cause },
  );
}

// `switchyard open`: shows the views in a browser.
import { spawn } from 'node:child_process';
import { GatewayOpen } from '../../shared/protocol/daemon.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';

export const options = {
  history: { type: 'boolean', description: 'Open the history instead of the chat' },
  jobs: { type: 'boolean', description: 'Open the list of jobs instead of the chat' },
  'no-browser': { type: 'boolean', description: 'Print the address instead of opening it' },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArguments(args, options, 0);
  if (values.jobs && values.history) throw new UsageError('Use --history or --jobs, not both.');
  const view = values.jobs ? 'jobs' : values.history ? 'history' : 'chat';
  const { url, file } = await withDaemon((client) => client.call(GatewayOpen, { view }), { root: workingFolder() });
  if (values.json) printJson({ url });
  else printLine(url);
  if (!values['no-browser'] && !values.json) showInBrowser(file);
  return 0;
}

/** Serves the views and shows them. Prints the address too, in case no browser starts. */
export async function openViews(client: DaemonClient): Promise<void> {
  const { url, file } = await client.call(GatewayOpen, {});
  showInBrowser(file);
  printLine(`Open in your browser: ${url}`);
  printLine('The address works once, and only on this machine. For another, run `switchyard open`.');
}

/** Has the system show the file that leads to the address, which is no argument of any program. Does nothing without a desktop. */
function showInBrowser(file: string): void {
  const hasDesktop = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (!hasDesktop) return;
  const [program, ...args] = { darwin: ['open', file], win32: ['rundll32', 'url.dll,FileProtocolHandler', file] }[
    process.platform as string
  ] ?? ['xdg-open', file];
  const child = spawn(program ?? '', args, { detached: true, stdio: 'ignore', windowsHide: true });
  child.on('error', () => {}); // the address is printed anyway
  child.unref();
}

// `switchyard open`: shows the views in a browser.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { GatewayOpen } from '../../shared/protocol/daemon.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import type { ExitCode } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = parseArgs({
    args,
    options: { history: { type: 'boolean' }, 'no-browser': { type: 'boolean' }, json: { type: 'boolean' } },
  });
  const { url } = await withDaemon((client) => client.call(GatewayOpen, values.history ? { view: 'history' } : {}), {
    root: workingFolder(),
  });
  if (values.json) printJson({ url });
  else printLine(url);
  if (!values['no-browser'] && !values.json) showInBrowser(url);
  return 0;
}

/** Serves the views and shows them. Prints the address too, in case no browser starts. */
export async function openViews(client: DaemonClient): Promise<void> {
  const { url } = await client.call(GatewayOpen, {});
  showInBrowser(url);
  printLine(`In the browser: ${url}`);
  printLine('The address works once, for this machine only. `switchyard open` prints another.');
}

/** Has the system show an address. Does nothing without a desktop. */
function showInBrowser(url: string): void {
  const hasDesktop = process.platform !== 'linux' || process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'];
  if (!hasDesktop) return;
  const [program, ...args] = { darwin: ['open', url], win32: ['rundll32', 'url.dll,FileProtocolHandler', url] }[
    process.platform as string
  ] ?? ['xdg-open', url];
  const child = spawn(program ?? '', args, { detached: true, stdio: 'ignore', windowsHide: true });
  child.on('error', () => {}); // the address is printed anyway
  child.unref();
}

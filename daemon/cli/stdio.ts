// `switchyard --stdio`: an editor's language server, which forwards to the shared daemon.
import { wireVersion } from '../../shared/protocol/version.ts';
import { resolvePaths } from '../base/paths.ts';
import { forward } from '../rpc/forward.ts';
import { joinDaemon } from '../rpc/join.ts';
import type { ExitCode } from './kit/command.ts';

export async function run(args: string[]): Promise<ExitCode> {
  if (args.includes('--alone')) {
    const { serveAlone } = await import('../main.ts');
    return serveAlone();
  }
  const paths = resolvePaths(wireVersion);
  const signal = new AbortController().signal;
  const join = () => joinDaemon({ paths, wire: wireVersion, program: process.argv[1] ?? '', start: true, signal });
  const code = await forward({ input: process.stdin, output: process.stdout, join });
  process.exit(code); // stdin may still be open
}

// `switchyard trust`: in which folders a project's own linters, interpreters and configuration may be used, and what the agent may always do.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TrustAllowed, TrustForget, TrustList, TrustSet } from '../../shared/protocol/trust.ts';
import { toPath } from '../base/uri.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments, UsageError } from './kit/command.ts';
import { printJson, printLine } from './kit/terminal.ts';

export const options = {
  remove: { type: 'boolean', description: 'Stop trusting the folder' },
  forget: {
    type: 'boolean',
    description: 'Take back what you always allowed the agent in the folder, and keep trusting it',
  },
  list: { type: 'boolean', description: 'List trusted and refused folders, and what you always allowed the agent' },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 1);
  const [folder] = positionals;
  if (values.forget && values.remove) throw new UsageError('Use --forget or --remove, not both.');
  if (values.list ? folder !== undefined || values.remove || values.forget : folder === undefined)
    throw new UsageError(
      values.list ? "--list doesn't take other arguments." : 'Specify a folder to trust, or use --list.',
    );
  await withDaemon(async (client) => {
    if (folder === undefined) {
      const { folders } = await client.call(TrustList, {});
      const { allowed } = await client.call(TrustAllowed, {});
      if (values.json) return printJson({ folders, allowed });
      for (const { root, trusted } of folders)
        printLine(`${trusted ? 'trusted    ' : 'not trusted'}  ${toPath(root) ?? root}`);
      if (folders.length === 0) printLine('No folders are trusted yet. To trust one, run `switchyard trust DIR`.');
      for (const { root, text } of allowed)
        printLine(`always allowed in ${toPath(root) ?? root}: ${text.replace(/\?$/, '')}`);
      return;
    }
    const root = pathToFileURL(resolve(folder)).href;
    if (values.forget) {
      await client.call(TrustForget, { root });
      if (values.json) return printJson({ forgotten: root });
      return printLine(`What you always allowed the agent in ${resolve(folder)} is taken back. It asks again.`);
    }
    const set = await client.call(TrustSet, { root, trusted: !values.remove });
    if (values.json) return printJson(set);
    const path = toPath(set.folder.root) ?? set.folder.root;
    printLine(
      values.remove
        ? `${path} is no longer trusted. Its own linters and configuration aren't used, and what you always allowed the agent there is taken back.`
        : `${path} and everything below it is now trusted. Its own linters and configuration are used, and the agent can work there.`,
    );
  });
  return 0;
}

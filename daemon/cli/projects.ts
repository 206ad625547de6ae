// `switchyard projects`: lists the projects that chats belong to, and attaches one to the folder it was moved to.
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ProjectAttach, ProjectList } from '../../shared/protocol/profiles.ts';
import { withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { idKinds, wholeId } from './kit/ids.ts';
import { printJson, printLine } from './kit/terminal.ts';

export const options = { json };

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options, 3);
  const [word = 'list', written, folder] = positionals;
  subcommandOf('projects', { list: true, attach: true }, word);
  if (word === 'attach' && (!written || !folder))
    throw new UsageError("Specify a project, and the folder it's in now.");
  await withDaemon(
    async (client) => {
      if (written && folder) {
        const projectId = await wholeId(client, idKinds.projects, written);
        const { project } = await client.call(ProjectAttach, { projectId, root: pathToFileURL(resolve(folder)).href });
        if (values.json) printJson({ project });
        else printLine(`${project.name} is now connected to ${project.path}, with ${chats(project.chatCount)}.`);
        return;
      }
      const { projects, current } = await client.call(ProjectList, {});
      if (values.json) return printJson({ projects, current });
      for (const project of projects)
        printLine(
          `${project.id === current ? '*' : ' '} ${project.id}  ${project.path}  ${chats(project.chatCount)}${project.orphan ? '  (folder not found; to reconnect: `switchyard projects attach ID DIR`)' : ''}`,
        );
      if (projects.length === 0) printLine('No projects yet.');
    },
    { root: workingFolder() },
  );
  return 0;
}

function chats(count: number): string {
  return `${count} ${count === 1 ? 'chat' : 'chats'}`;
}

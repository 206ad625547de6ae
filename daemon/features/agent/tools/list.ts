// The tool that lists a folder.
import * as z from 'zod';
import { argumentsOf } from './arguments.ts';
import { type FolderFiles, pathInFolder } from './folder-files.ts';
import type { AgentTool } from './tool.ts';

const Arguments = z.object({ path: z.string().max(1000).default('') });
const maxListed = 200;

export function listTool(files: FolderFiles): AgentTool {
  return {
    name: 'list',
    description: 'Lists a folder, by default the whole one.',
    parameters: { type: 'object', properties: { path: { type: 'string' } } },
    kind: 'read',
    async prepare(given, run) {
      const path = pathInFolder(argumentsOf(Arguments, given, 'list').path, run.root);
      const shown = path || '.';
      return {
        title: `List ${shown}`,
        source: `the list of ${shown}`,
        async perform() {
          const names = await files.list(path, run);
          const more = names.length - maxListed;
          const count = names.length === 1 ? '1 entry' : `${names.length} entries`;
          return {
            ok: true,
            text: [
              names.length === 0
                ? `${shown} is empty.`
                : { source: `${shown}, ${count}`, text: names.slice(0, maxListed).join('\n') },
              ...(more > 0 ? [`… ${more} more. List a folder inside it, or search.`] : []),
            ],
            summary: `Listed ${shown}, ${count}.`,
            isMaterial: true,
          };
        },
      };
    },
  };
}

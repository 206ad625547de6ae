// The tool that lists a folder.
import * as z from 'zod';
import { counted } from '../../../../shared/words/counted.ts';
import { argumentsOf } from './arguments.ts';
import { choiceOf, folderPaths, listedWhole } from './choices/choices.ts';
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
    async choices(run, past) {
      const paths = await folderPaths(files, run);
      if (!paths) return [choiceOf({ path: { type: 'string' } })];
      if (listedWhole(paths) !== undefined) return [];
      const listed = past.filter(({ name, ok }) => name === 'list' && ok).map(({ given }) => given['path'] ?? '');
      const left = [...new Set(paths.flatMap(foldersAbove))].filter((folder) => !listed.includes(folder));
      return left.length > 0 ? [choiceOf({ path: { enum: left } })] : [];
    },
    async prepare(given, run) {
      const path = pathInFolder(argumentsOf(Arguments, given, 'list').path, run.root);
      const shown = path || '.';
      return {
        title: `List ${shown}`,
        source: `the list of ${shown}`,
        async perform() {
          const names = await files.list(path, run);
          const more = names.length - maxListed;
          const count = counted(names.length, 'entry', 'entries');
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

/** The folder itself is the empty path. */
function foldersAbove(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return ['', ...parts.map((_, i) => parts.slice(0, i + 1).join('/'))];
}

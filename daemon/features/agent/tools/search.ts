// The tool that searches the folder: lines that hold the words as they are written, and pieces of the index that bear on them.
import { relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { throwIfCancelled } from '../../../base/errors.ts';
import { isInside } from '../../../base/paths.ts';
import { toPath } from '../../../base/uri.ts';
import type { ModelGate } from '../../../ignore/gate.ts';
import type { Contexts } from '../../mentions/contexts.ts';
import { type ToolText, titleQuote } from '../../tools/result.ts';
import { argumentsOf } from './arguments.ts';
import { choiceOf, folderPaths, namedIn } from './choices/choices.ts';
import { definedNames, hasWord } from './edit-text.ts';
import { type FolderFiles, pathInFolder } from './folder-files.ts';
import type { AgentTool, ToolRun } from './tool.ts';

export interface SearchToolDeps {
  files: FolderFiles;
  contexts: Pick<Contexts, 'code'>;
  gate: ModelGate;
}

const Arguments = z.object({ query: z.string().trim().min(1).max(500), path: z.string().max(1000).default('') });
const maxLines = 30;
const maxLineChars = 160;
const maxFilesRead = 5000;
const enoughLines = 5;
const maxPieces = 4;
const maxFirst = 2;

/** `indexOnly`: where the folder isn't trusted, nothing is read for it. */
export function searchTool(deps: SearchToolDeps, { indexOnly = false } = {}): AgentTool {
  return {
    name: 'search',
    description: 'Searches the files for text, or for code by what it does.',
    parameters: {
      type: 'object',
      properties: { query: { type: 'string' }, path: { type: 'string' } },
      required: ['query'],
    },
    kind: 'read',
    async choices(_, past) {
      const asked = past.filter(({ name }) => name === 'search').map(({ given }) => given['query']);
      const others = asked.length > 0 ? { not: { enum: asked } } : {};
      return [choiceOf({ query: { type: 'string', minLength: 2, maxLength: 80, ...others } })];
    },
    first: async (run, task) => (indexOnly ? [] : (await namesIn(task, deps.files, run)).map((query) => ({ query }))),
    async prepare(given, run) {
      const { query, path: said } = argumentsOf(Arguments, given, 'search');
      const path = pathInFolder(said, run.root);
      const place = path === '' ? '' : ` in ${path}`;
      return {
        title: `Search for ${titleQuote(query)}${place}`,
        source: `the results for ${titleQuote(query)}`,
        async perform() {
          const lines = indexOnly ? [] : await linesWith(query, path, { files: deps.files, run });
          const needsMeaning = lines.length < enoughLines && /\s/.test(query);
          const found = indexOnly || needsMeaning ? await piecesFor(query, path, { ...deps, run }) : [];
          const more = lines.length > maxLines ? [`… more lines. Search for longer text, or inside a folder.`] : [];
          const count = lines.length > maxLines ? `more than ${maxLines}` : String(lines.length);
          const text: ToolText[] = [
            ...(lines.length > 0
              ? [{ source: `Lines with “${query}”`, text: lines.slice(0, maxLines).join('\n') }, ...more]
              : []),
            ...found,
          ];
          return {
            ok: true,
            text: text.length > 0 ? text : [`Nothing found for “${query}”${place}.`],
            summary: `Searched for ${titleQuote(query)}${place}, ${count} ${count === '1' ? 'line' : 'lines'}.`,
            isMaterial: true,
          };
        },
      };
    },
  };
}

/** What a task speaks of that the folder defines, where it names no file. */
async function namesIn(task: string, files: FolderFiles, run: ToolRun): Promise<string[]> {
  const paths = (await folderPaths(files, run)) ?? [];
  if (namedIn(task, paths).length > 0) return [];
  const defined = new Set<string>();
  for (const path of paths)
    for (const name of definedNames(await files.text(path, run).catch(() => ''))) defined.add(name);
  return [...defined].filter((name) => hasWord(task, name)).slice(0, maxFirst);
}

/** One more than are shown, at most. Letters of either case are the same where the query has no large ones. */
async function linesWith(
  query: string,
  path: string,
  { files, run }: { files: FolderFiles; run: ToolRun },
): Promise<string[]> {
  const isExact = query !== query.toLowerCase();
  const has = (line: string): boolean => (isExact ? line : line.toLowerCase()).includes(query);
  const lines: string[] = [];
  let left = maxFilesRead;
  for await (const file of files.under(path, run)) {
    throwIfCancelled(run.signal);
    if (left-- <= 0 || lines.length > maxLines) break;
    const text = await files.text(file, run).catch(() => '');
    if (!has(text)) continue;
    for (const [index, line] of text.split(/\r\n|\n|\r/).entries())
      if (has(line)) lines.push(`${file}:${index + 1}: ${around(line.trim(), query)}`);
  }
  return lines.slice(0, maxLines + 1);
}

/** The part of a long line that has the query. */
function around(line: string, query: string): string {
  if (line.length <= maxLineChars) return line;
  const at = Math.max(0, line.toLowerCase().indexOf(query.toLowerCase()) - 40);
  return `${at > 0 ? '…' : ''}${line.slice(at, at + maxLineChars).toWellFormed()}…`;
}

async function piecesFor(
  query: string,
  path: string,
  { contexts, gate, run }: Omit<SearchToolDeps, 'files'> & { run: ToolRun },
): Promise<ToolText[]> {
  const { attachments } = await contexts.code(query, run);
  const roots = [pathToFileURL(run.root).href]; // whoever goes on with a run may work in other folders
  const pieces: ToolText[] = [];
  for (const { uri, range, languageId, text } of attachments) {
    const file = toPath(uri);
    if (pieces.length === maxPieces || file === undefined || !isInside(file, run.root)) continue;
    const name = relative(run.root, file).replaceAll(sep, '/');
    if (path !== '' && !`${name}/`.startsWith(`${path}/`)) continue;
    if ((await gate.refusal(uri, roots, 'was not shown')) !== undefined) continue; // ignored since it was indexed
    const lines = range ? `:${range.start.line + 1}-${range.end.line + 1}` : '';
    pieces.push({ source: `${name}${lines}`, text, ...(languageId && { languageId }) });
  }
  return pieces;
}

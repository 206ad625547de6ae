// The tool that reads a part of a file by lines.
import { basename } from 'node:path';
import * as z from 'zod';
import { counted } from '../../../../shared/words/counted.ts';
import { UserError } from '../../../base/errors.ts';
import { argumentsOf } from './arguments.ts';
import { choiceOf, folderPaths, lastTouch, namedIn } from './choices/choices.ts';
import { type FolderFiles, pathInFolder } from './folder-files.ts';
import type { AgentTool, ToolOutcome } from './tool.ts';

const Arguments = z.object({
  path: z.string().min(1).max(1000),
  from: z.coerce.number().int().min(1).catch(1).default(1),
});

/** A result has so many lines and characters at most: the rule is told with what it leaves out. */
const maxReadLines = 200;
const maxReadChars = 5500;
const maxLineChars = 1000;
const nextLine = /Read from line (\d+)\.$/;

export function readTool(files: FolderFiles): AgentTool {
  return {
    name: 'read',
    description: `Reads ${maxReadLines} lines of a file, from a line on.`,
    parameters: {
      type: 'object',
      properties: { path: { type: 'string' }, from: { type: 'integer' } },
      required: ['path'],
    },
    kind: 'read',
    async choices(run, past) {
      const paths = await folderPaths(files, run);
      if (!paths) return [choiceOf({ path: { type: 'string' } })];
      const last = new Map(paths.map((path) => [path, lastTouch(past, path)]));
      const unread = paths.filter((path) => last.get(path)?.name !== 'read');
      const parts = paths.flatMap((path) => {
        const next = nextLine.exec(last.get(path)?.text ?? '')?.[1];
        return next === undefined ? [] : [choiceOf({ path: { enum: [path] }, from: { enum: [Number(next)] } })];
      });
      return [...(unread.length > 0 ? [choiceOf({ path: { enum: unread } })] : []), ...parts];
    },
    first: async (run, task) => namedIn(task, (await folderPaths(files, run)) ?? []).map((path) => ({ path })),
    async prepare(given, run) {
      const { path: said, from } = argumentsOf(Arguments, given, 'read');
      const path = pathInFolder(said, run.root);
      return {
        title: from === 1 ? `Read ${path}` : `Read ${path} from line ${from}`,
        source: path,
        async perform(): Promise<ToolOutcome> {
          const text = await files.current(path, run);
          return shownPart(path, text, from);
        },
      };
    },
  };
}

/** Throws UserError `no-such-line`. */
export function shownPart(path: string, text: string, from: number): ToolOutcome {
  const lines = text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === '') lines.pop();
  if (from > Math.max(1, lines.length))
    throw new UserError('no-such-line', `${path} has ${counted(lines.length, 'line')}. Read from a smaller line.`);
  const shown: string[] = [];
  let room = maxReadChars;
  for (const line of lines.slice(from - 1, from - 1 + maxReadLines)) {
    const cut =
      line.length > maxLineChars ? `${line.slice(0, maxLineChars).toWellFormed()}… (${line.length} characters)` : line;
    if (cut.length + 1 > room && shown.length > 0) break;
    room -= cut.length + 1;
    shown.push(cut);
  }
  const last = from + shown.length - 1;
  const more = lines.length - last;
  const range = `lines ${from}-${last} of ${lines.length}`;
  if (lines.length === 0)
    return {
      ok: true,
      text: [`${basename(path)} is empty.`],
      summary: `Read ${path}, which is empty.`,
      isMaterial: true,
    };
  return {
    ok: true,
    text: [
      { source: `${path}, ${range}`, text: shown.join('\n') },
      ...(more > 0 ? [`… ${counted(more, 'more line')}. Read from line ${last + 1}.`] : []),
    ],
    summary: `Read ${path}, ${range}.`,
    isMaterial: true,
  };
}

// What calls can be about, as schemas for models whose answers are forced, such as paths that are there. Small models choose among such
// better than they write them.
import { extname } from 'node:path';
import { resultText } from '../../../tools/result.ts';
import type { FolderFiles } from '../folder-files.ts';
import type { AgentTool, ObjectSchema, PastCall, ToolRun } from '../tool.ts';

const maxPaths = 200;
const maxListedPaths = 60;
const maxListedChars = 1000; // about 300 tokens

export function choiceOf(properties: Record<string, unknown>, required = Object.keys(properties)): ObjectSchema {
  return { type: 'object', properties, required };
}

/** Not right after itself. */
export function notTwice(tool: string, schema: ObjectSchema): NonNullable<AgentTool['choices']> {
  return async (_, past) => (past.at(-1)?.name === tool ? [] : [schema]);
}

/** The folder's files, sorted; undefined where there are too many to choose among. */
export async function folderPaths(files: FolderFiles, run: ToolRun): Promise<string[] | undefined> {
  const paths: string[] = [];
  for await (const path of files.under('', run)) if (paths.push(path) > maxPaths) return undefined;
  return paths.toSorted();
}

const maxNamed = 3;

/** Those of the paths that a text has as words, in its order. */
export function namedIn(text: string, paths: readonly string[]): string[] {
  return wordsOf(text)
    .filter((word) => paths.includes(word))
    .slice(0, maxNamed);
}

/** What a text names as a file that isn't there: by a folder before it, or an ending that other files have. */
export function newPathsIn(text: string, paths: readonly string[]): string[] {
  const endings = new Set(paths.map((path) => extname(path)));
  const isPath = (word: string): boolean => /^[\w-][\w./-]*\.\w+$/.test(word);
  return wordsOf(text)
    .filter((word) => isPath(word) && !paths.includes(word) && (word.includes('/') || endings.has(extname(word))))
    .slice(0, maxNamed);
}

const question =
  /^(which|what|where|who|whose|when|why|how|is|are|was|were|does|did|has|have)\b[^?]*\?(\s+(answer|reply|say|tell)\b[^?]*)?$/i;

/**
 * Whether a task is to be answered rather than done. Not such as "Can you …?", nor one that goes on with what to do then. In English, as the
 * modes' words are.
 */
export function isQuestion(task: string): boolean {
  return question.test(task.trim());
}

function wordsOf(text: string): string[] {
  const words = text.split(/[\s"'`()<>,;:]+/).map((word) => word.replace(/^\.\/|[.!?]+$/g, ''));
  return [...new Set(words)];
}

/** What a prompt can show of them; undefined where it can't show them all. */
export function listedWhole(paths: readonly string[] | undefined): string | undefined {
  const text = paths?.join('\n') ?? '';
  return paths && paths.length <= maxListedPaths && text.length <= maxListedChars ? text : undefined;
}

/** The folder's files, or what stands directly in it where those are too many. */
export async function listingOf(files: FolderFiles, run: ToolRun): Promise<string> {
  const whole = listedWhole(await folderPaths(files, run));
  const text =
    whole ??
    (await files.list('', run))
      .join('\n')
      .slice(0, maxListedChars)
      .replace(/\n[^\n]*$/, '');
  if (text === '') return '';
  return resultText([{ source: whole === undefined ? 'In the folder' : 'All files of the folder', text }], {
    isWarned: true,
  });
}

/** The last call that showed or changed a file. */
export function lastTouch(past: readonly PastCall[], path: string): PastCall | undefined {
  return past.findLast(({ name, given, ok }) => given['path'] === path && ok && (name === 'read' || name === 'edit'));
}

/** An edit that says no more than a path is shown it. */
export function isChange({ name, given, ok }: PastCall): boolean {
  return name === 'edit' && ok && ['new', 'add', 'delete'].some((key) => key in given);
}

// Prompts that a project keeps in files, for its people to call by name: `/name arguments`. Only in trusted folders. Nothing in them is run,
// and nothing that they name is read: what they say is what the user says by calling them.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withoutHidden } from '../../../../shared/hidden-characters.ts';
import { cleanMessage } from '../../../base/clean-text.ts';
import type { ModelGate } from '../../../ignore/gate.ts';
import { textInside } from '../../pipeline/text-inside.ts';

export interface PromptFile {
  /** Behind the slash. */
  name: string;
  description: string;
  /** What to write behind the name, if it says so. */
  hint?: string;
  /** From the root. */
  path: string;
}

export interface PromptFilesDeps {
  /** Folders, as paths: a name in two of them is the first one's. */
  roots: readonly string[];
  gate: ModelGate;
  trusts(file: string): Promise<boolean>;
}

/** TABLE of the folders, the first of which has a name first. */
const folders = [
  { folder: '.switchyard/prompts', suffix: '.md' },
  { folder: '.github/prompts', suffix: '.prompt.md' },
  { folder: '.claude/commands', suffix: '.md' },
] as const;

const maxFiles = 100; // of one folder
const maxDepth = 3;
const maxBytes = 32 * 1024;
const maxShownChars = 200;

interface FoundPrompt extends PromptFile {
  /** Without its head. */
  text: string;
}

/** Sorted by name; empty in folders that aren't trusted. */
export async function promptFiles(deps: PromptFilesDeps): Promise<PromptFile[]> {
  return (await foundIn(deps)).map(({ text: _, ...file }) => file);
}

/** What a text asks for that begins with the name of a prompt: that prompt with what follows the name. Other texts stay as they are. */
export async function withPromptFile(text: string, deps: PromptFilesDeps): Promise<string> {
  const [, name, given = ''] = /^\/([\w.:-]+)(?:\s+([\s\S]*))?$/.exec(text.trim()) ?? [];
  if (name === undefined) return text;
  const prompt = (await foundIn(deps)).find((each) => each.name === name);
  return prompt ? filled(prompt.text, given.trim()) : text;
}

async function foundIn({ roots, gate, trusts }: PromptFilesDeps): Promise<FoundPrompt[]> {
  const found = new Map<string, FoundPrompt>();
  for (const root of roots)
    for (const { folder, suffix } of folders)
      for (const name of (await namesIn(join(root, folder), suffix)).slice(0, maxFiles)) {
        const path = `${folder}/${name}${suffix}`;
        const file = join(root, path);
        const called = name.replaceAll('/', ':');
        if (found.has(called) || !/^[\w.:-]+$/.test(called) || !(await trusts(file))) continue;
        const uri = pathToFileURL(file).href;
        if ((await gate.refusal(uri, [pathToFileURL(root).href], "wasn't read")) !== undefined) continue;
        const content = await textInside(file, root, maxBytes);
        if (content !== undefined) found.set(called, { name: called, path, ...read(withoutHidden(content), called) });
      }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Without their suffix, with slashes. Links aren't followed. */
async function namesIn(folder: string, suffix: string, depth = 1): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1)))
    if (entry.isDirectory() && depth < maxDepth) {
      const inner = await namesIn(join(folder, entry.name), suffix, depth + 1);
      names.push(...inner.map((name) => `${entry.name}/${name}`));
    } else if (entry.isFile() && entry.name.endsWith(suffix)) names.push(entry.name.slice(0, -suffix.length));
  return names;
}

/** The head is between two lines of dashes, a field a line. */
function read(content: string, name: string): Pick<FoundPrompt, 'description' | 'hint' | 'text'> {
  const [, head = '', body] = /^---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)([\s\S]*)$/.exec(content) ?? [];
  const text = (body ?? content).trim();
  const field = (wanted: string): string | undefined => {
    const [, value] = new RegExp(`^${wanted}:[ \\t]*(.*)$`, 'm').exec(head) ?? [];
    const plain = value?.trim().replace(/^(["'])(.*)\1$/, '$2');
    return plain ? cleanMessage(plain, maxShownChars) : undefined;
  };
  const firstLine = text.split('\n').find((line) => /\w/.test(line)) ?? name;
  const hint = field('argument-hint');
  return {
    description: field('description') ?? cleanMessage(firstLine.replace(/^#+\s*/, ''), maxShownChars),
    ...(hint !== undefined && { hint }),
    text,
  };
}

/** `$ARGUMENTS` is all that was given, `$1` its first word, and `${input:NAME}` all of it, or of several the word in its place. */
function filled(text: string, given: string): string {
  const words = given.split(/\s+/).filter((word) => word !== '');
  const inputs = [
    ...new Set([...text.matchAll(/\$\{input:([\w-]+)(?:[^\w}-][^}]*)?\}/g)].map(([, name = '']) => name)),
  ];
  let isUsed = false;
  const replaced = text.replace(
    /\$ARGUMENTS\b|\$([1-9])(?!\d)|\$\{input:([\w-]+)(?:[^\w}-][^}]*)?\}/g,
    (_, place: string | undefined, input: string | undefined) => {
      isUsed = true;
      if (place !== undefined) return words[Number(place) - 1] ?? '';
      if (input === undefined || inputs.length === 1) return given;
      const at = inputs.indexOf(input);
      return (at === inputs.length - 1 ? words.slice(at).join(' ') : words[at]) ?? '';
    },
  );
  return isUsed || given === '' ? replaced : `${replaced}\n\n${given}`;
}

// What a project's people want of reviews and of the agent: their own rules for each, and what they tell every assistant. Read in trusted
// folders only.
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isInside } from '../../../base/paths.ts';
import { toPath } from '../../../base/uri.ts';
import type { ModelGate } from '../../../ignore/gate.ts';
import type { ReviewTarget } from '../target.ts';
import { textInside } from '../text-inside.ts';

export interface RuleFile {
  uri: string;
  /** From the folder in which rules were looked for. */
  name: string;
  /** It was longer than what is read of one. */
  isCut: boolean;
}

export interface ProjectRulesDeps {
  /** The folders, as URIs, in which rules are looked for. */
  roots: readonly string[];
  gate: ModelGate;
  trusts(file: string): Promise<boolean>;
  onNote(text: string): void;
}

/** TABLE of the files that hold rules for a purpose: those of a folder and of those around it, up to its root, and those of the root alone. */
const namesFor = {
  review: {
    inFolder: ['AGENTS.md', join('.switchyard', 'review.md')],
    inRoot: [join('.github', 'copilot-instructions.md')],
    ifTrusted: 'Trust the folder to review by its rules.',
  },
  agent: {
    inFolder: ['AGENTS.md', 'CLAUDE.md', join('.switchyard', 'agent.md')],
    inRoot: [join('.github', 'copilot-instructions.md')],
    ifTrusted: 'Trust the folder to let the agent follow it.',
  },
} as const;
const maxFileChars = 6000;
const maxFileBytes = 1024 * 1024;
const maxDepth = 20; // folders between a file and the root

export interface Rule extends RuleFile {
  text: string;
}

/** Lives as long as one review or run. */
export class ProjectRules {
  readonly #deps: ProjectRulesDeps;
  readonly #purpose: keyof typeof namesFor;
  readonly #files = new Map<string, Promise<Rule | undefined>>();

  constructor(purpose: keyof typeof namesFor, deps: ProjectRulesDeps) {
    this.#purpose = purpose;
    this.#deps = deps;
  }

  /** What holds for a document, as one text. Empty where there is nothing. */
  async of({ snippet: { uri } }: ReviewTarget): Promise<string> {
    const rules = await this.for(toPath(uri));
    return rules.map(({ name, text }) => `# ${name}\n${text}`).join('\n\n');
  }

  /** What holds for a file: the outermost first, as the innermost has the last word. One text that stands in two files is taken once. */
  async for(path: string | undefined): Promise<Rule[]> {
    const root = this.#deps.roots
      .flatMap((folder) => toPath(folder) ?? [])
      .filter((folder) => path !== undefined && isInside(path, folder))
      .toSorted((a, b) => b.length - a.length)[0];
    if (path === undefined || root === undefined) return [];
    const rules: Rule[] = [];
    for (const file of placesFor(path, root, namesFor[this.#purpose])) {
      const known = this.#files.get(file) ?? this.#read(file, root);
      this.#files.set(file, known);
      const rule = await known;
      if (rule && !rules.some(({ text }) => text === rule.text)) rules.push(rule);
    }
    return rules;
  }

  /** What was applied, in the order in which it was read. */
  async applied(): Promise<RuleFile[]> {
    const files = await Promise.all(this.#files.values());
    return files.flatMap((rule) => (rule ? [{ uri: rule.uri, name: rule.name, isCut: rule.isCut }] : []));
  }

  async #read(file: string, root: string): Promise<Rule | undefined> {
    const { gate, roots, trusts, onNote } = this.#deps;
    const content = await textInside(file, root, maxFileBytes);
    if (content === undefined) return undefined;
    const name = relative(root, file).replaceAll('\\', '/');
    if (!(await trusts(file))) {
      onNote(`${name} wasn't applied. ${namesFor[this.#purpose].ifTrusted}`);
      return undefined;
    }
    const uri = pathToFileURL(file).href;
    const refusal = await gate.refusal(uri, roots, "wasn't applied");
    if (refusal !== undefined) {
      onNote(refusal);
      return undefined;
    }
    const text = content.trim().slice(0, maxFileChars);
    return text === '' ? undefined : { uri, name, text, isCut: content.trim().length > maxFileChars };
  }
}

function placesFor(path: string, root: string, names: (typeof namesFor)[keyof typeof namesFor]): string[] {
  const folders: string[] = [];
  for (let folder = dirname(path); folders.length < maxDepth; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === root || !isInside(folder, root)) break;
  }
  const own = folders.filter((folder) => folder === root || isInside(folder, root));
  return [
    ...names.inRoot.map((name) => join(root, name)),
    ...own.flatMap((folder) => names.inFolder.map((name) => join(folder, name))),
  ];
}

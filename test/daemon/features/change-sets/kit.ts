// A folder, an answer, and what the answer would change in the folder.
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { replaceIn, type Snippet } from '../../../../daemon/base/snippet.ts';
import { outlineOf } from '../../../../daemon/code-index/chunk/outline.ts';
import { Parsers } from '../../../../daemon/code-index/chunk/parsers.ts';
import { createChangeSets } from '../../../../daemon/features/change-sets/change-sets.ts';
import { createIgnore } from '../../../../daemon/ignore/ignore.ts';
import { editGate } from '../pipeline/parts.ts';

const parsers = new Parsers((sentence) => {
  throw new Error(sentence);
});

/** Lives as long as a test. */
export class Folder implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-changes-')));

  constructor(files: Record<string, string> = {}) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true });
    writeFileSync(join(this.path, name), text);
  }

  /** What an answer says here; `after` is what its files would be with all hunks. */
  async read(answer: string, { shown = [], open = {} }: { shown?: string[]; open?: Record<string, string> } = {}) {
    const sets = createChangeSets({
      ignore: createIgnore({ ownFolders: [] }),
      edits: editGate,
      outlines: { outline: (request) => outlineOf(request, parsers) },
    });
    const documents = new Map(Object.entries(open).map(([name, text]) => [this.uri(name), text]));
    const openDocument = (uri: string): Snippet | undefined => {
      const text = documents.get(uri);
      return text === undefined ? undefined : { uri, languageId: 'typescript', version: 7, text };
    };
    const { signal } = new AbortController();
    const roots = [pathToFileURL(this.path).href];
    const set = await sets.read({ answer, roots, shown: shown.map((name) => this.uri(name)), openDocument, signal });
    const after = Object.fromEntries(
      set.files.map(({ path, uri, isNew, hunks }) => {
        const before =
          documents.get(uri) ?? (isNew ? '' : readFileSync(fileURLToPath(uri), 'utf8').replace(/^\uFEFF/, ''));
        return [path, hunks.toReversed().reduce((text, hunk) => replaceIn(text, hunk), before)];
      }),
    );
    return { ...set, after, whys: set.refused.map(({ why }) => why) };
  }

  uri(name: string): string {
    return pathToFileURL(join(this.path, name)).href;
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function fenced(header: string, ...lines: string[]): string {
  return `\`\`\`${header}\n${lines.join('\n')}\n\`\`\`\n`;
}

export function searchBlock(old: string, now: string): string {
  return `<<<<<<< SEARCH\n${old === '' ? '' : `${old}\n`}=======\n${now === '' ? '' : `${now}\n`}>>>>>>> REPLACE`;
}

// The tool that changes files: a quoted piece of a file, a new file, or a file that goes. What it would do is shown as a diff before, and
// is done only if the file is still the same.
import { realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { languageOf } from '../../../../shared/language.ts';
import { counted } from '../../../../shared/words/counted.ts';
import { cleanCode, plainText } from '../../../base/clean-text.ts';
import { realPlace } from '../../../base/disk.ts';
import { throwIfCancelled, UserError } from '../../../base/errors.ts';
import { isInside } from '../../../base/paths.ts';
import { positionAt, type Snippet } from '../../../base/snippet.ts';
import type { Ignore } from '../../../ignore/ignore.ts';
import { addsPlaceholder } from '../../../models/secrets/placeholder.ts';
import { confine } from '../../change-sets/confined-path.ts';
import { whyRunsLater } from '../../change-sets/runs-later.ts';
import { hunkOf, textLines } from '../../change-sets/text-lines.ts';
import type { EditGate } from '../../pipeline/edits/gate.ts';
import { targetOf } from '../../pipeline/target.ts';
import { hashOf } from '../approvals/identity.ts';
import { needTrust, type TrustCheck } from '../approvals/need-trust.ts';
import { editChoices } from './choices/edit-choices.ts';
import { openBrackets } from './choices/quotable-pieces.ts';
import { type FileContent, type FilePlace, readInside, removeInside, writeInside } from './edit-file.ts';
import {
  differsOnlyInSpace,
  goneNames,
  hasWord,
  insertAfter,
  type NearMiss,
  noLongerDefines,
  onlySpaceDiffers,
  type ReplacedText,
  replaceOnce,
  stillNamed,
} from './edit-text.ts';
import type { FolderFiles } from './folder-files.ts';
import { shownPart } from './read.ts';
import type { AgentTool, PreparedCall, ToolOutcome, ToolRun } from './tool.ts';
import { unifiedDiff } from './unified-diff.ts';

export interface EditToolDeps {
  ignore: Ignore;
  files: FolderFiles;
  edits: EditGate;
  trusts: TrustCheck;
}

const maxTextChars = 200_000;
const maxFilesLookedAt = 1000;
const maxPlacesTold = 12;

const Arguments = z.strictObject({
  path: z.string().min(1).max(4096),
  old: z.string().max(maxTextChars).optional(),
  new: z.string().max(maxTextChars).optional(),
  add: z.string().max(maxTextChars).optional(),
  after: z.string().max(maxTextChars).optional(),
  delete: z.boolean().optional(),
});

export function editTool(deps: EditToolDeps): AgentTool {
  return {
    name: 'edit',
    description:
      'Replaces `old` in a file by `new`, or adds the lines `add` behind `after`, by default at its end. `old` and `after` must occur exactly once. `new` alone creates the file, `delete` deletes it.',
    parameters: {
      type: 'object',
      properties: {
        path: { type: 'string' },
        old: { type: 'string' },
        new: { type: 'string' },
        add: { type: 'string' },
        after: { type: 'string' },
        delete: { type: 'boolean' },
      },
      required: ['path'],
      additionalProperties: false,
    },
    kind: 'edit',
    choices: (run, past, task) => editChoices({ files: deps.files, run }, past, task),
    async prepare(given, run) {
      const read = Arguments.safeParse(given);
      if (!read.success)
        throw new UserError(
          'wrong-arguments',
          'Give edit a path, with old and new, with add and perhaps after, with new alone, or with delete.',
        );
      await needTrust(deps.trusts, run);
      return new PreparedEdit(deps, run, read.data).prepare();
    },
  };
}

/** A change of one file; a text is undefined where there is no file. */
interface TextChange {
  place: FilePlace;
  content: FileContent | undefined;
  before: string | undefined;
  after: string | undefined;
}

const words = { create: 'Create', change: 'Change', delete: 'Delete' } as const;
const done = { create: 'Created', change: 'Changed', delete: 'Deleted' } as const;

/** Lives as long as one call. */
class PreparedEdit {
  readonly #deps: EditToolDeps;
  readonly #run: ToolRun;
  readonly #said: z.infer<typeof Arguments>;

  constructor(deps: EditToolDeps, run: ToolRun, said: z.infer<typeof Arguments>) {
    this.#deps = deps;
    this.#run = run;
    this.#said = said;
  }

  async prepare(): Promise<PreparedCall> {
    const { place, uri } = await this.#place();
    const content = await readInside(place);
    const before = content && textOf(place, content);
    await this.#run.session.refresh?.(pathToFileURL(join(this.#run.root, place.path)).href); // as its client names it
    const open = this.#run.session.document(uri)?.getText();
    if (open !== undefined && plainText(open) !== plainText(before ?? ''))
      throw new UserError(
        'unsaved-changes',
        `${place.path} has unsaved changes in the editor. Ask the user to save them first.`,
      );
    if (this.#said.delete) return this.#deletion({ place, content, before, after: undefined });
    const { old = '', new: now, add, after: anchor = '' } = this.#said;
    const change = { place, content, before };
    if (add !== undefined || anchor !== '') {
      if (add === undefined || old !== '' || now !== undefined)
        throw new UserError('wrong-arguments', 'Give edit add, and perhaps after, without old and new.');
      return this.#replacement(change, uri, (text) => insertAfter(text, anchor, add));
    }
    if (now === undefined && old === '' && before !== undefined) return shownFirst(place.path, before);
    if (now === undefined)
      throw new UserError('wrong-arguments', 'Give the new text as new. To delete a file, set delete.');
    if (old === '') return this.#creation({ ...change, after: cleanCode(now) }, uri);
    return this.#replacement(change, uri, (text) => replaceOnce(text, old, now));
  }

  async #place(): Promise<{ place: FilePlace; uri: string }> {
    const root = await realpath(this.#run.root);
    const { path } = this.#said;
    const folder = [this.#run.root, root].find((each) => isAbsolute(path) && isInside(path, each));
    const said = folder === undefined ? path : relative(folder, path);
    const confined = await confine(said, { roots: [root], shown: [], ignore: this.#deps.ignore, asks: true });
    if ('why' in confined) throw new UserError('edit-refused', `The edit ${confined.why}.`);
    const named = await nameOnDisk(root, confined.file.path);
    return { place: { root, path: named }, uri: pathToFileURL(join(root, named)).href };
  }

  #deletion(change: TextChange): PreparedCall {
    if (change.before === undefined) throw new UserError('no-such-file', `There's no file ${change.place.path}.`);
    return this.#call('delete', change);
  }

  async #creation(change: TextChange, uri: string): Promise<PreparedCall> {
    const { place, before, after = '' } = change;
    if (before !== undefined && before !== '')
      throw new UserError(
        'file-exists',
        `${place.path} is there already. Quote as old what you want to replace, or give what you want to add as add.`,
      );
    const edit = { first: 0, end: 0, lines: textLines(after).lines };
    await this.#check(place, uri, { before: '', replaced: { text: after, lines: textLines(''), edit } });
    return this.#call(before === undefined ? 'create' : 'change', change);
  }

  async #replacement(
    change: Omit<TextChange, 'after'>,
    uri: string,
    replace: (text: string) => ReturnType<typeof replaceOnce>,
  ): Promise<PreparedCall> {
    const { place, before } = change;
    if (before === undefined)
      throw new UserError('no-such-file', `There's no file ${place.path}. To create it, give new alone.`);
    const mark = before.startsWith('\uFEFF') ? '\uFEFF' : '';
    const text = before.slice(mark.length);
    const replaced = replace(text);
    if ('nearest' in replaced) return notPlaced(place.path, replaced);
    if ('why' in replaced) throw new UserError('edit-refused', `${place.path}: ${replaced.why}`);
    if (replaced.text === text)
      throw new UserError('edit-refused', 'The edit changes nothing: new is the same as old.');
    await this.#check(place, uri, { before: text, replaced });
    return this.#call('change', { ...change, after: mark + replaced.text });
  }

  /** The gate of edits. Throws UserError `edit-refused`. */
  async #check(
    { path }: FilePlace,
    uri: string,
    { before, replaced: { text, lines, edit } }: { before: string; replaced: ReplacedText },
  ): Promise<void> {
    const { edits } = this.#deps;
    const snippet: Snippet = { uri, languageId: languageOf(path, text), version: null, text: before };
    const target = targetOf(snippet);
    const { range, oldText, newText } = hunkOf(lines, edit);
    const isQuoted = /^(?:markdown|mdx?|plaintext|restructuredtext|asciidoc|latex|diff)$/.test(snippet.languageId);
    const last = { line: edit.end - 1, character: lines.lines[edit.end - 1]?.length ?? 0 };
    const end = edit.end > edit.first ? last : range.end;
    const fault = addsPlaceholder(newText, oldText)
      ? 'has a placeholder in place of a secret. Quote less of the file'
      : isQuoted || edit.lines.length === 0
        ? undefined
        : edits.faultOf(target, { range: { start: range.start, end }, newText });
    if (fault !== undefined) throw new UserError('edit-refused', `The edit ${fault}.`);
    if (await edits.parsesNoWorse(target, wholeEdit(before, text), this.#run.signal)) return;
    const { old = '', new: now = '' } = this.#said;
    const isUneven = old !== '' && openBrackets(old) !== openBrackets(now);
    const why = isUneven ? 'Quote as old the whole block that new replaces' : 'Check its brackets and ends';
    throw new UserError('edit-refused', `The edit would leave code that doesn't parse. ${why}.`);
  }

  #call(what: keyof typeof words, change: TextChange): PreparedCall {
    const { place, before, after } = change;
    const diff = unifiedDiff(place.path, before, after);
    const why = whyRunsLater(place.path, before, after);
    const title = `${words[what]} ${place.path}`;
    return {
      title,
      approval: {
        shown: {
          kind: 'edit',
          text: why === undefined ? `${title}?` : `${title}? This file ${why}.`,
          diff,
          canAlways: why === undefined && what !== 'delete',
        },
        identity: hashOf(['edit', what === 'delete', place.root, place.path]),
        ...(why !== undefined && { isDangerous: true }),
      },
      perform: () => this.#perform(what, change, diff),
    };
  }

  async #perform(what: keyof typeof words, change: TextChange, diff: string): Promise<ToolOutcome> {
    await needTrust(this.#deps.trusts, this.#run);
    const { place, content, before = '', after } = change;
    if (after === undefined && content) await removeInside(place, content);
    else await writeInside(place, content, Buffer.from(after ?? '', 'utf8'));
    const lines = diff.split('\n').slice(2);
    const added = lines.filter((line) => line.startsWith('+')).length;
    const removed = lines.filter((line) => line.startsWith('-')).length;
    const summary = `${done[what]} ${place.path}: ${counted(added, 'line')} added, ${removed} removed.`;
    const gone = goneNames(before, after ?? '');
    const lost = what === 'change' && gone.length > 0 ? [`${noLongerDefines} ${gone.join(', ')}.`] : [];
    const named = await this.#placesOf(gone);
    const source = `${named.length < maxPlacesTold ? 'Lines' : 'Some of the lines'} ${stillNamed} ${place.path} defined before`;
    const told = named.length > 0 ? [{ source, text: named.join('\n') }] : [];
    const isSame = what === 'change' && differsOnlyInSpace(before, after ?? '');
    const text = [summary, ...(isSame ? [onlySpaceDiffers] : []), ...lost, ...told];
    return { ok: true, text, summary, diff, isMaterial: told.length > 0 };
  }

  async #placesOf(names: readonly string[]): Promise<string[]> {
    const places: string[] = [];
    if (names.length === 0) return places;
    let left = maxFilesLookedAt;
    for await (const path of this.#deps.files.under('', this.#run)) {
      if (left-- === 0) return places;
      throwIfCancelled(this.#run.signal);
      const text = await this.#deps.files.text(path, this.#run).catch(() => '');
      for (const [index, line] of text.split('\n').entries()) {
        const name = names.find((each) => line.includes(each) && hasWord(line, each));
        if (name !== undefined && places.push(`${path}:${index + 1}: ${name}`) === maxPlacesTold) return places;
      }
    }
    return places;
  }
}

/** Where names that differ by case are one, writing to another than the disk has would rename the file. */
async function nameOnDisk(root: string, path: string): Promise<string> {
  const real = relative(root, (await realPlace(join(root, path))) ?? '').replaceAll(sep, '/');
  return real.toLowerCase() === path.toLowerCase() ? real : path;
}

/** A call that says which file is to be changed, and not how. */
function shownFirst(path: string, text: string): PreparedCall {
  const shown = shownPart(path, plainText(text), 1);
  const summary = `Showed ${path}, which wasn't changed.`;
  const toDo =
    'This is what it has. Call edit again: with old and new to replace some of it, or with add to add to it.';
  return {
    title: `Read ${path}, to change it`,
    isHarmless: true,
    source: path,
    perform: async () => ({ ok: true, text: [...shown.text, toDo], summary, isMaterial: true }),
  };
}

/** A call that shows the model what is there instead, and does nothing. */
function notPlaced(path: string, { why, nearest }: NearMiss): PreparedCall {
  const { first, last, text } = nearest;
  const quoted = { source: `${path}, lines ${first}-${last}`, text, languageId: languageOf(path, '') };
  const summary = `${path} wasn't changed, since the old text isn't there.`;
  return {
    title: `Change ${path}`,
    isHarmless: true,
    source: path,
    perform: async () => ({ ok: false, text: [why, quoted], summary, isMaterial: true }),
  };
}

/** As it is on the disk, with its byte order mark. Throws UserError `not-text`. */
function textOf({ path }: FilePlace, { bytes }: FileContent): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    // not UTF-8
  }
  throw new UserError('not-text', `${path} isn't a text file in UTF-8, so it can't be edited.`);
}

/** From the first letter that changes to the last. */
function wholeEdit(before: string, after: string): { range: Snippet['range'] & object; newText: string } {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let tail = 0;
  while (tail < shorter - start && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return {
    range: { start: positionAt(before, start), end: positionAt(before, before.length - tail) },
    newText: after.slice(start, after.length - tail),
  };
}

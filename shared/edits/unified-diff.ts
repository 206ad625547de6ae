// A diff from a chat answer, as changes of one text. Models write diffs with wrong line numbers or none, so each hunk is looked for by
// its lines. Pure.
import { indentationOf } from './lines.ts';

/** Lines that stand together in the text, and what becomes of them. */
export interface Hunk {
  /** From 0, as the diff says; undefined where it says nothing. */
  line?: number;
  old: string[];
  new: string[];
  /** Of the first line that goes, among the old ones: models forget the space before those that stay. */
  removed?: number;
}

export type PatchOutcome = { kind: 'patched'; text: string } | { kind: 'refused'; sentence: string };

/** Whether code is a diff: it says so by its name, its headers, or its marks. */
export function isDiff(code: string, language = ''): boolean {
  if (/^(?:diff|patch|udiff)$/i.test(language)) return true;
  return /^(?:@@ .*@@|diff --git |--- \S.*\n\+\+\+ \S)/m.test(code);
}

/** The text with the diff's changes. `fileName` is that of the text. */
export function applyDiff(text: string, diff: string, fileName: string): PatchOutcome {
  const files = [...diff.matchAll(/^\+\+\+ (?:b\/)?([^\t\r\n]+)/gm)].map(([, path]) => baseName(path?.trim() ?? ''));
  if (new Set(files).size > 1) return refused('The diff changes several files. Apply each part in its own file.');
  const [named] = files;
  if (named !== undefined && named !== 'null' && named !== fileName)
    return refused(`The diff is for ${named}, and ${fileName} is open. Open ${named}, then apply it again.`);
  const hunks = hunksOf(diff);
  if (hunks.length === 0) return refused('The diff has no changes to apply.');
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  let lines = text.split(/\r\n|\r|\n/);
  let grown = 0;
  for (const [index, hunk] of hunks.entries()) {
    const place = placeOf(hunk, lines, grown);
    const which = hunks.length === 1 ? 'The diff' : `Part ${index + 1} of the diff`;
    if (place === 'nowhere') return refused(`${which} doesn't match this file. Ask for a diff of the current version.`);
    if (place === 'several')
      return refused(`${which} matches more than one place in this file. Ask for a diff with more lines around it.`);
    const sure = hunk.removed ?? 0;
    const indent = indentOffset(lines[place + sure] ?? '', hunk.old[sure] ?? '');
    const added = hunk.new.map((line) => (line.trim() === '' ? line : indent + line));
    lines = [...lines.slice(0, place), ...kept(added, hunk, lines, place), ...lines.slice(place + hunk.old.length)];
    grown += hunk.new.length - hunk.old.length;
  }
  return { kind: 'patched', text: lines.join(eol) };
}

function refused(sentence: string): PatchOutcome {
  return { kind: 'refused', sentence };
}

function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? path;
}

export function hunksOf(diff: string): Hunk[] {
  const hunks: Hunk[] = [];
  let open: Hunk | undefined;
  const header = /^(?:diff --git |index |--- \S|\+\+\+ \S|new file|deleted file|similarity |rename )/;
  for (const line of diff.replace(/\n$/, '').split(/\r?\n/)) {
    const start = /^@@(?: -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@)?/.exec(line);
    if (line.startsWith('\\ No newline')) continue;
    if (start || line.startsWith('diff --git ') || (!open && header.test(line))) {
      open = start ? { old: [], new: [], ...(start[1] !== undefined && { line: Number(start[1]) - 1 }) } : undefined;
      if (open) hunks.push(open);
      continue;
    }
    if (!open) {
      open = { old: [], new: [] };
      hunks.push(open);
    }
    const said = line.slice(1);
    if (line.startsWith('-')) {
      open.removed ??= open.old.length;
      open.old.push(said);
    } else if (line.startsWith('+')) open.new.push(said);
    else {
      const same = line.startsWith(' ') ? said : line;
      open.old.push(same);
      open.new.push(same);
    }
  }
  return hunks.map(withoutBlankEdges).filter((hunk) => hunk.old.join('\n') !== hunk.new.join('\n'));
}

/** Models end hunks with blank lines that the file does not have. */
function withoutBlankEdges(hunk: Hunk): Hunk {
  const { old, new: changed } = hunk;
  while (old.length > 1 && old.at(-1)?.trim() === '' && changed.at(-1)?.trim() === '') {
    old.pop();
    changed.pop();
  }
  return hunk;
}

/** The line at which a hunk's old lines stand: as written, else with other white space. */
function placeOf(hunk: Hunk, lines: readonly string[], grown: number): number | 'nowhere' | 'several' {
  const wanted = hunk.line === undefined ? undefined : hunk.line + grown;
  if (hunk.old.length === 0) return lines.join('') === '' ? 0 : (wanted ?? 'nowhere');
  for (const form of [(line: string) => line, (line: string) => line.trim().replace(/\s+/g, ' ')]) {
    const old = hunk.old.map(form);
    const places = lines.flatMap((_, at) => (old.every((line, i) => form(lines[at + i] ?? '\0') === line) ? [at] : []));
    if (places.length === 1) return places[0] ?? 'nowhere';
    if (places.length > 1) return places.includes(wanted ?? -1) ? (wanted ?? 'several') : 'several';
  }
  return 'nowhere';
}

/** What the text's line is indented more than the diff's. */
export function indentOffset(line: string, said: string): string {
  const [own, given] = [indentationOf(line), indentationOf(said)];
  return own.endsWith(given) ? own.slice(0, own.length - given.length) : '';
}

/** New lines, but the text's own spelling of those that stay. */
function kept(added: readonly string[], hunk: Hunk, lines: readonly string[], place: number): string[] {
  const own = new Map(hunk.old.map((line, i) => [line, lines[place + i] ?? line]));
  return added.map((line, i) => own.get(hunk.new[i] ?? '') ?? line);
}

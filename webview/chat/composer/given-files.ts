// What was dropped or pasted into the composer, as attachments; and for what cannot be one, a sentence that says why.
import type { Attachment } from '../../../shared/protocol/chat.ts';
import { t } from '../../words.ts';
import { readPicture } from '../pictures/read-picture.ts';
import type { DraftPicture } from '../state/transcript.ts';

export interface GivenFiles {
  attachments: Attachment[];
  pictures: DraftPicture[];
  refusals: string[];
}

const maxChars = 1_000_000; // what the protocol takes in one attachment
const maxFiles = 20;

export async function readGivenFiles(files: readonly File[]): Promise<GivenFiles> {
  const given: GivenFiles = { attachments: [], pictures: [], refusals: [] };
  for (const file of files.slice(0, maxFiles)) {
    const uri = `dropped:${encodeURIComponent(file.name || 'picture')}`;
    const read = await readFile(file, uri);
    if ('refusal' in read) given.refusals.push(read.refusal);
    else if ('picture' in read) given.pictures.push(read.picture);
    else given.attachments.push({ kind: 'file', uri, text: read.text });
  }
  if (files.length > maxFiles) given.refusals.push(t('Only the first {0} files were attached.', maxFiles));
  return given;
}

type ReadFile = { text: string } | { picture: DraftPicture } | { refusal: string };

async function readFile(file: File, uri: string): Promise<ReadFile> {
  try {
    return (await readPicture(file, { name: file.name || 'picture', uri })) ?? (await readText(file));
  } catch {
    return { refusal: t("{0} wasn't attached because it can't be read. To attach a folder, use @folder:.", file.name) };
  }
}

async function readText(file: File): Promise<{ text: string } | { refusal: string }> {
  if (file.size > maxChars * 4) return { refusal: tooLong(file) };
  const text = await file.text();
  if (text.length > maxChars) return { refusal: tooLong(file) };
  if (text.includes('\0') || text.includes('\uFFFD'))
    return { refusal: t("{0} wasn't attached because it isn't a text file.", file.name) };
  return { text };
}

function tooLong({ name }: File): string {
  return t("{0} wasn't attached. The limit is a million characters. Paste the part that matters.", name);
}

/** Addresses of files that an editor's own lists give when they are dragged. */
export function droppedUris({ dataTransfer }: DragEvent): string[] {
  const listed = dataTransfer?.getData('application/vnd.code.uri-list') || dataTransfer?.getData('text/uri-list') || '';
  return listed.split(/\r?\n/).filter((line) => /^(file|vscode-remote):/.test(line));
}

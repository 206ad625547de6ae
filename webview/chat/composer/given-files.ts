// What was dropped or pasted into the composer, as attachments; and for what cannot be one, a sentence that says why.
import type { Attachment } from '../../../shared/protocol/chat.ts';

export interface GivenFiles {
  attachments: Attachment[];
  refusals: string[];
}

const maxChars = 1_000_000; // what the protocol takes in one attachment
const maxFiles = 20;

export async function readGivenFiles(files: readonly File[]): Promise<GivenFiles> {
  const given: GivenFiles = { attachments: [], refusals: [] };
  for (const file of files.slice(0, maxFiles)) {
    const read = await readText(file);
    if ('refusal' in read) given.refusals.push(read.refusal);
    else given.attachments.push({ kind: 'file', uri: `dropped:${encodeURIComponent(file.name)}`, text: read.text });
  }
  if (files.length > maxFiles) given.refusals.push(`Only the first ${maxFiles} files were attached.`);
  return given;
}

async function readText(file: File): Promise<{ text: string } | { refusal: string }> {
  if (file.type.startsWith('image/'))
    return {
      refusal: `${file.name || 'The image'} wasn't attached. Images aren't supported yet. Describe what it shows, or paste its text.`,
    };
  if (file.size > maxChars * 4) return { refusal: tooLong(file) };
  let text: string;
  try {
    text = await file.text();
  } catch {
    return { refusal: `${file.name} wasn't attached because it can't be read. To attach a folder, use @folder:.` };
  }
  if (text.length > maxChars) return { refusal: tooLong(file) };
  if (text.includes('\0') || text.includes('\uFFFD'))
    return { refusal: `${file.name} wasn't attached because it isn't a text file.` };
  return { text };
}

function tooLong({ name }: File): string {
  return `${name} wasn't attached. The limit is a million characters. Paste the part that matters.`;
}

/** Addresses of files that an editor's own lists give when they are dragged. */
export function droppedUris({ dataTransfer }: DragEvent): string[] {
  const listed = dataTransfer?.getData('application/vnd.code.uri-list') || dataTransfer?.getData('text/uri-list') || '';
  return listed.split(/\r?\n/).filter((line) => /^(file|vscode-remote):/.test(line));
}

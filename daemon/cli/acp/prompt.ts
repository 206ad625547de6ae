// What a client sends as a prompt, as a text with attachments: what the user wrote apart from what others wrote. Pure.
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ContentBlock } from '@agentclientprotocol/sdk';
import type { SentAttachment } from '../../../shared/protocol/chat.ts';
import { UserError } from '../../base/errors.ts';
import { toPath } from '../../base/uri.ts';

export interface SentPrompt {
  text: string;
  attachments: SentAttachment[];
  /** Files that it names, as URIs, without their text. */
  links: string[];
}

export const maxAttachments = 50;

/** Throws UserErrors `not-text`, `too-many-attachments` and `empty-prompt`. */
export function promptOf(blocks: readonly ContentBlock[]): SentPrompt {
  const texts: string[] = [];
  const attachments: SentPrompt['attachments'] = [];
  const links: string[] = [];
  for (const block of blocks) {
    if (block.type === 'text') texts.push(block.text);
    else if (block.type === 'resource_link') {
      const uri = fileUri(block.uri);
      const path = toPath(uri);
      texts.push(`\`${path ?? block.uri}\`${linesOf(uri)}`);
      if (path !== undefined) links.push(uri);
    } else attachments.push(attachmentOf(block));
  }
  const text = texts.reduce(joined, '').trim();
  if (attachments.length > maxAttachments)
    throw new UserError('too-many-attachments', `Attach at most ${maxAttachments} files and pictures.`);
  if (text === '' && attachments.length === 0) throw new UserError('empty-prompt', 'Write a question or a task.');
  return { text: text === '' ? 'See what I attached.' : text, attachments, links };
}

/** A mention stands between two texts that have their own spaces. */
function joined(before: string, next: string): string {
  return before === '' || /\s$/.test(before) || /^[\s.,;:!?)]/.test(next) ? before + next : `${before} ${next}`;
}

function attachmentOf(
  block: Exclude<ContentBlock, { type: 'text' } | { type: 'resource_link' }>,
): SentPrompt['attachments'][number] {
  if (block.type === 'image') return { kind: 'image', uri: pictureUri(block.uri), text: '', data: block.data };
  if (block.type === 'resource' && 'text' in block.resource)
    return { kind: 'file', uri: fileUri(block.resource.uri), text: block.resource.text };
  throw new UserError('not-text', "Only text and pictures can be attached. Remove what's neither.");
}

/** An editor's own URI that names a file in its query, as that file's: whether models may see it is told by the path. */
function fileUri(uri: string): string {
  if (/^file:/i.test(uri) || !URL.canParse(uri)) return uri;
  const { protocol, searchParams, hash } = new URL(uri);
  const path = searchParams.get('path');
  const isPage = protocol === 'http:' || protocol === 'https:';
  return isPage || path === null || !isAbsolute(path) ? uri : `${pathToFileURL(path).href}${hash}`;
}

function pictureUri(uri: string | null | undefined): string {
  const file = fileUri(uri ?? '');
  return toPath(file) === undefined ? 'dropped:picture' : file;
}

/** `#L5`, `#L5:15` and `#L5-15`, in words. */
function linesOf(uri: string): string {
  const [, first, last = first] = /#L(\d+)(?:[:-]L?(\d+))?$/.exec(uri) ?? [];
  if (first === undefined) return '';
  return first === last ? ` (line ${first})` : ` (lines ${first}-${last})`;
}

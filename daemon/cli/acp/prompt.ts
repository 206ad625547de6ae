// What a client sends as a prompt, as a text with attachments: what the user wrote apart from what others wrote. Pure.
import type { ContentBlock } from '@agentclientprotocol/sdk';
import type { SentAttachment } from '../../../shared/protocol/chat.ts';
import { UserError } from '../../base/errors.ts';
import { toPath } from '../../base/uri.ts';

export interface SentPrompt {
  text: string;
  attachments: SentAttachment[];
}

const maxAttachments = 50;

/** Throws UserErrors `not-text`, `too-many-attachments` and `empty-prompt`. */
export function promptOf(blocks: readonly ContentBlock[]): SentPrompt {
  const texts: string[] = [];
  const attachments: SentPrompt['attachments'] = [];
  for (const block of blocks) {
    if (block.type === 'text') texts.push(block.text);
    else if (block.type === 'resource_link') texts.push(`\`${toPath(block.uri) ?? block.uri}\``);
    else attachments.push(attachmentOf(block));
  }
  const text = texts.reduce(joined, '').trim();
  if (attachments.length > maxAttachments)
    throw new UserError('too-many-attachments', `Attach at most ${maxAttachments} files and pictures.`);
  if (text === '' && attachments.length === 0) throw new UserError('empty-prompt', 'Write a question or a task.');
  return { text: text === '' ? 'See what I attached.' : text, attachments };
}

/** A mention stands between two texts that have their own spaces. */
function joined(before: string, next: string): string {
  return before === '' || /\s$/.test(before) || /^[\s.,;:!?)]/.test(next) ? before + next : `${before} ${next}`;
}

function attachmentOf(
  block: Exclude<ContentBlock, { type: 'text' } | { type: 'resource_link' }>,
): SentPrompt['attachments'][number] {
  if (block.type === 'image') return { kind: 'image', uri: block.uri ?? 'dropped:picture', text: '', data: block.data };
  if (block.type === 'resource' && 'text' in block.resource)
    return { kind: 'file', uri: block.resource.uri, text: block.resource.text };
  throw new UserError('not-text', "Only text and pictures can be attached. Remove what's neither.");
}

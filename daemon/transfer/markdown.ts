// A chat as Markdown for people: the branch that is read, under a front matter that says what it is.
import type { Attachment } from '../../shared/protocol/chat.ts';
import type { ChatHead, TransferredMessage } from '../../shared/protocol/transfer.ts';
import { pagesOf, type ReadPage } from './document.ts';

export async function* toMarkdown(id: string, read: ReadPage): AsyncGenerator<string> {
  let isFirst = true;
  let last: string | undefined; // id of the branch's last message: the next is the chosen version of those that follow it
  for await (const { chat, messages } of pagesOf(read)) {
    if (isFirst) yield head(id, chat, chat.model ?? messages.find(({ decision }) => decision)?.decision?.model);
    isFirst = false;
    for (const message of messages) {
      if (message.parentId !== last || message.chosen === false) continue;
      last = message.id;
      yield section(message);
    }
  }
}

/** Strings in YAML's double quotes, which are JSON's. */
function head(id: string, { title, createdAt, updatedAt, origin }: ChatHead, model: string | undefined): string {
  const lines = [
    `id: ${JSON.stringify(id)}`,
    `title: ${JSON.stringify(title)}`,
    `created: ${iso(createdAt)}`,
    `updated: ${iso(updatedAt)}`,
    ...(model ? [`model: ${JSON.stringify(model)}`] : []),
    ...(origin.source === 'switchyard' ? [] : [`source: ${JSON.stringify(origin.source)}`]),
  ];
  return `---\n${lines.join('\n')}\n---\n\n# ${title.replace(/\s+/g, ' ')}\n`;
}

function section({
  role,
  status,
  text,
  decision,
  createdAt,
  attachments = [],
  notes = [],
  error,
}: TransferredMessage): string {
  const who = role === 'user' ? 'You' : `Answer${decision ? ` by ${decision.model}` : ''}`;
  const state = status === 'complete' ? '' : ` (${status})`;
  const parts = [
    `## ${who}${state}`,
    `*${iso(createdAt)}*`,
    ...attachments.map(attached),
    text.trimEnd(),
    ...(error ? [`> ${error.message}`] : []),
    ...notes.map((note) => `> ${note}`),
  ];
  return `\n${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function attached({ kind, uri, text, languageId = '', picture }: Attachment): string {
  const size = picture ? `, ${picture.width} × ${picture.height} pixels` : '';
  if (kind === 'image') return `Attached: ${uri} (image${size})`;
  const runs = text.match(/`{3,}/g) ?? [];
  const fence = '`'.repeat(runs.reduce((longest, run) => Math.max(longest, run.length + 1), 3));
  return `Attached: ${uri}\n\n${fence}${languageId.replace(/[`\s]/g, '')}\n${text.trimEnd()}\n${fence}`;
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

const maxNameLength = 60;

/** A name for a chat's file, on any system: words of its title, and the end of its id, which no other chat has. */
export function fileNameOf(id: string, title: string): string {
  const words = title
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
  const short = [...words].slice(0, maxNameLength).join('').replace(/-$/, '');
  return `${short === '' ? 'chat' : short}-${id.replace(/[^a-z0-9]/gi, '').slice(-12)}.md`;
}

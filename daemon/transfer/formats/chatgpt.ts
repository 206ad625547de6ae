// Chats of ChatGPT's data export: `conversations.json`, or `conversations-000.json` and on, each a list of conversations. One is a
// tree: `mapping` has a node for each message, by its id, and `current_node` ends the branch that was read. OpenAI documents none of it.
import type { TransferredChat } from '../../../shared/protocol/transfer.ts';
import { assemble, block, type ForeignTurn, fileNote, imageNote, imageText, pathTo, shown } from '../assemble.ts';
import { UnreadableChat } from '../error.ts';
import { field, isObject, listField, textField, timeOf } from '../untrusted.ts';
import { withoutMarks } from './citations.ts';

interface Node {
  id: string;
  parent: string | undefined;
  message: unknown;
  /** Ids of the messages that follow it, the oldest version first. */
  children: readonly unknown[];
}

/** Throws UnreadableChat. */
export function chatOfChatgpt(value: unknown): TransferredChat {
  const mapping = field(value, 'mapping');
  if (!isObject(mapping)) throw new UnreadableChat('it has no message tree');
  const id = textField(value, 'conversation_id') ?? textField(value, 'id');
  if (id === undefined) throw new UnreadableChat('it has no ID');
  const nodes = new Map(
    Object.entries(mapping).map(([key, node]): [string, Node] => [
      key,
      {
        id: key,
        parent: textField(node, 'parent'),
        message: field(node, 'message'),
        children: listField(node, 'children'),
      },
    ]),
  );
  const ordered = parentsFirst(nodes);
  const parents = new Map([...nodes.values()].map((node) => [node.id, node.parent]));
  const read = pathTo(parents, textField(value, 'current_node'));
  const slug = textField(value, 'default_model_slug');
  const turns = ordered.map(
    (node): ForeignTurn => ({
      ...turnOf(node.message, slug),
      id: node.id,
      parentId: node.parent,
      isChosen: read.size === 0 || read.has(node.id),
    }),
  );
  return assemble({
    origin: { source: 'chatgpt', id },
    program: 'ChatGPT',
    title: textField(value, 'title'),
    createdAt: timeOf(field(value, 'create_time')),
    updatedAt: timeOf(field(value, 'update_time')),
    turns,
  });
}

/** A message after its parent, versions in the order in which their parent names them. Throws UnreadableChat on a circle. */
function parentsFirst(nodes: ReadonlyMap<string, Node>): Node[] {
  const children = new Map<string | undefined, Node[]>();
  for (const node of nodes.values()) {
    const parent = node.parent !== undefined && nodes.has(node.parent) ? node.parent : undefined;
    const siblings = children.get(parent);
    if (siblings) siblings.push(node);
    else children.set(parent, [node]);
  }
  const ordered = [...(children.get(undefined) ?? [])];
  for (const node of ordered) {
    const places = new Map(node.children.map((id, place) => [id, place]));
    const placeOf = ({ id }: Node): number => places.get(id) ?? places.size;
    for (const child of (children.get(node.id) ?? []).sort((a, b) => placeOf(a) - placeOf(b))) ordered.push(child); // the loop goes on over them
  }
  if (ordered.length < nodes.size) throw new UnreadableChat('its messages form a loop');
  return ordered;
}

const nothing = { role: 'assistant', text: '' } as const;

function turnOf(
  message: unknown,
  defaultSlug: string | undefined,
): Pick<ForeignTurn, 'role' | 'text' | 'reasoning' | 'at' | 'model' | 'notes'> {
  const role = textField(field(message, 'author'), 'role');
  const metadata = field(message, 'metadata');
  if (!message || role === 'system' || field(metadata, 'is_visually_hidden_from_conversation') === true) return nothing;
  const slug = textField(metadata, 'model_slug') ?? defaultSlug;
  const said = saidIn(field(message, 'content'), toolOf(message, role));
  const files = listField(metadata, 'attachments').flatMap((file) => textField(file, 'name') ?? []);
  const notes = [...(said.notes ?? []), ...files.map(fileNote)];
  return {
    ...said,
    text:
      (role === 'user' ? said.text : withoutMarks(said.text, metadata)) ||
      (files.length > 0 && role === 'user' ? '(a file)' : ''),
    role: role === 'user' ? 'user' : 'assistant',
    at: timeOf(field(message, 'create_time')),
    model: slug && `openai/${slug}`,
    ...(notes.length > 0 && { notes }),
  };
}

/** The tool that a message is a call of, or a result of; undefined for what is said to the user. */
function toolOf(message: unknown, role: string | undefined): string | undefined {
  if (role === 'tool') return `Result of ${textField(field(message, 'author'), 'name') ?? 'a tool'}`;
  const recipient = textField(message, 'recipient');
  return role === 'assistant' && recipient !== undefined && recipient !== 'all' ? `Call of ${recipient}` : undefined;
}

function saidIn(content: unknown, tool: string | undefined): { text: string; reasoning?: string; notes?: string[] } {
  const kind = textField(content, 'content_type') ?? 'text';
  switch (kind) {
    case 'text':
    case 'multimodal_text': {
      const notes: string[] = [];
      const parts = listField(content, 'parts').map((part) => partText(part, notes));
      const text = parts.filter((part) => part !== '').join('\n\n') || (notes.includes(imageNote) ? imageText : '');
      return {
        text: tool && text !== '' ? block(tool, text) : text,
        ...(notes.length > 0 && { notes: [...new Set(notes)] }),
      };
    }
    case 'code':
      return { text: block(tool ?? 'Code', textField(content, 'text') ?? '') };
    case 'execution_output':
      return { text: block(tool ?? 'Output', textField(content, 'text') ?? '') };
    case 'thoughts':
      return {
        text: '',
        reasoning: listField(content, 'thoughts')
          .map((thought) => [textField(thought, 'summary'), textField(thought, 'content')].filter(Boolean).join('\n\n'))
          .join('\n\n'),
      };
    case 'tether_quote':
      return {
        text: block(
          `Quote of ${textField(content, 'title') ?? textField(content, 'url') ?? 'a page'}`,
          textField(content, 'text') ?? '',
        ),
      };
    case 'tether_browsing_display':
      return { text: textField(content, 'result') ? block(tool ?? 'Pages', textField(content, 'result') ?? '') : '' };
    case 'system_error':
      return { text: block(textField(content, 'name') ?? 'Error', textField(content, 'text') ?? '') };
    case 'reasoning_recap': // how long it thought
    case 'user_editable_context': // the user's standing instructions, which are no part of what was said
    case 'model_editable_context':
      return { text: '' };
    default: {
      const text = textField(content, 'text') ?? textField(content, 'content') ?? '';
      return text === '' ? { text } : { text: block(tool ?? shown(kind), text) };
    }
  }
}

function partText(part: unknown, notes: string[]): string {
  if (typeof part === 'string') return part;
  const kind = textField(part, 'content_type') ?? '';
  const text = textField(part, 'text');
  if (text !== undefined) return text; // a transcript of what was spoken
  if (!isObject(part)) return '';
  notes.push(kind.startsWith('image') ? imageNote : "Content that isn't text was left out.");
  const prompt = textField(field(field(part, 'metadata'), 'dalle'), 'prompt');
  return prompt === undefined ? '' : `(an image of: ${prompt})`;
}

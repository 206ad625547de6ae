// What is said in content blocks, as Anthropic's interface has them: texts, thoughts, calls of tools and their results, images.
import { block, imageNote, imageText, shown } from '../assemble.ts';
import { field, textField } from '../untrusted.ts';

export interface BlockContent {
  text: string;
  reasoning: string;
  notes: string[];
}

export function saidInBlocks(blocks: readonly unknown[]): BlockContent {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const notes = new Set<string>();
  for (const part of blocks) {
    const kind = field(part, 'type');
    if (kind === 'thinking') thoughts.push(textField(part, 'thinking') ?? '');
    else if (kind === 'tool_use' || kind === 'server_tool_use')
      texts.push(block(`Call of ${textField(part, 'name') ?? 'a tool'}`, shown(field(part, 'input') ?? '')));
    else if (kind === 'tool_result' || (typeof kind === 'string' && kind.endsWith('_tool_result')))
      texts.push(block(`Result of ${textField(part, 'name') ?? 'a tool'}`, resultText(field(part, 'content'), notes)));
    else if (kind === 'image' || kind === 'document') {
      notes.add(kind === 'image' ? imageNote : 'A document was left out.');
      texts.push(kind === 'image' ? imageText : '(a document)');
    } else texts.push(textField(part, 'text') ?? '');
  }
  const join = (parts: readonly string[]): string => parts.filter((part) => part.trim() !== '').join('\n\n');
  return { text: join(texts), reasoning: join(thoughts), notes: [...notes] };
}

function resultText(content: unknown, notes: Set<string>): string {
  if (!Array.isArray(content)) return content === undefined || content === null ? '' : shown(content);
  const said = saidInBlocks(content);
  for (const note of said.notes) notes.add(note);
  return said.text || (content.length > 0 ? shown(content) : '');
}

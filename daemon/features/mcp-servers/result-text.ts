// What a server's tool returned, for a model: quotations, which `features/tools/result.ts` fences, redacts and bounds; what isn't text is
// left out with a sentence.
import type { CallToolResult } from '@modelcontextprotocol/client';
import { counted } from '../../../shared/words/counted.ts';
import type { ToolText } from '../tools/result.ts';

const maxParts = 20;
const maxText = 20_000; // characters of a part

/** `source` says whose words these are. */
export function resultParts({ content, structuredContent }: CallToolResult, source: string): ToolText[] {
  const texts = content.flatMap((part) => textIn(part) ?? []);
  // A tool that returns data says it as text too, by the protocol; one that doesn't is quoted as JSON.
  if (texts.length === 0 && structuredContent !== undefined) texts.push(JSON.stringify(structuredContent, null, 1));
  const shown = texts.slice(0, maxParts).map((text) => ({ source, text: cut(text) }));
  const dropped = content.filter((part) => textIn(part) === undefined).map(({ type }) => type);
  return [
    ...shown,
    ...(texts.length > maxParts ? [`${counted(texts.length - maxParts, 'more part')} of the result left out.`] : []),
    ...(dropped.length > 0
      ? [`Left out of the result, since only text is taken from MCP servers: ${[...new Set(dropped)].join(', ')}.`]
      : []),
    ...(shown.length === 0 && dropped.length === 0 ? ['The tool returned nothing.'] : []),
  ];
}

/** Undefined for what isn't text. */
function textIn(part: CallToolResult['content'][number]): string | undefined {
  if (part.type === 'text') return part.text;
  if (part.type === 'resource' && 'text' in part.resource) return `${part.resource.uri}\n${String(part.resource.text)}`;
  if (part.type === 'resource_link') return `${part.name}: ${part.uri}`;
  return undefined;
}

function cut(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText).toWellFormed()}\n… (cut)`;
}

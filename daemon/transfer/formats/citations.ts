// The marks of ChatGPT's citations within a text: in private-use characters (U+E200 kind U+E202 reference U+E201), or older ones
// in brackets (【4†source】). A mark becomes the link that it stands for, or nothing.
import { field, listField, textField } from '../untrusted.ts';

const mark = /\ue200([^\ue200\ue201]*)\ue201/g;
const bracketMark = /【[^【】\n]{0,100}†[^【】\n]{0,300}】/g;
const leftOver = /[\ue200-\ue20f]/g;

export function withoutMarks(text: string, metadata: unknown): string {
  if (!/[\ue200-\ue20f]|【|citeturn/.test(text)) return text;
  const links = linksByMark(text, metadata);
  return text
    .replace(mark, (whole, inner: string) => links.get(whole) ?? meaningOf(inner.split('\ue202')))
    .replace(bracketMark, (whole) => links.get(whole) ?? '')
    .replace(/\bcite(?:turn\d+\w+?\d+)+\b/g, (whole) => links.get(whole) ?? '')
    .replace(leftOver, '');
}

/** What references say of each mark: newer ones by the text that they match, older ones by where it is. */
function linksByMark(text: string, metadata: unknown): Map<string, string> {
  const links = new Map<string, string>();
  for (const reference of listField(metadata, 'content_references')) {
    const matched = textField(reference, 'matched_text') ?? '';
    if (/[\ue200【]|^citeturn/.test(matched)) links.set(matched, textField(reference, 'alt') ?? linkOf(reference));
  }
  for (const citation of listField(metadata, 'citations')) {
    const [from, to] = [field(citation, 'start_ix'), field(citation, 'end_ix')];
    const matched = typeof from === 'number' && typeof to === 'number' ? text.slice(from, to) : '';
    if (matched.startsWith('【') && !links.has(matched)) links.set(matched, linkOf(citation));
  }
  return links;
}

function linkOf(reference: unknown): string {
  const about = field(reference, 'metadata') ?? listField(reference, 'items')[0] ?? reference;
  return link(textField(about, 'title') ?? textField(about, 'name') ?? '', textField(about, 'url') ?? '');
}

function link(title: string, url: string): string {
  const label = title.replace(/[[\]\n]/g, ' ').trim();
  return /^https?:\/\/[^\s()<>]+$/.test(url) ? `[${label || url}](${url})` : label;
}

/** Some marks say themselves what they mean: a name, or a link. */
function meaningOf([kind, first = '', second = '']: string[]): string {
  if (kind === 'url') return link(first, second);
  if (kind !== 'entity') return '';
  try {
    const values: unknown = JSON.parse(first);
    return Array.isArray(values) && typeof values[1] === 'string' ? values[1] : '';
  } catch {
    return '';
  }
}

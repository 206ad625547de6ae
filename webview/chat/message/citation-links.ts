// Makes the citations in a cleaned piece of an answer into links, and takes the mark from addresses that lead nowhere.
import {
  type Citable,
  type Citation,
  citationOf,
  citationsIn,
  isUnasked,
  type Place,
  placeOf,
  type Source,
  type Sources,
} from '../../markdown/citations.ts';
import { isOpenable } from '../../markdown/markdown.ts';
import { t } from '../../words.ts';

/** Where each link leads. It is kept outside the page, because attributes in the answer's text are not to be trusted. */
const places = new WeakMap<Element, Place>();

/** The place behind what was pressed, if that is a citation. */
export function placeBehind(target: Element): Place | undefined {
  const link = target.closest('a.citation');
  return link ? places.get(link) : undefined;
}

/** Changes the fragment; returns paths that the host may be asked about. Without `citable` no place is linked. */
export function linkCitations(fragment: DocumentFragment, citable: Citable | undefined, sources: Sources): string[] {
  const unasked: string[] = [];
  const find = (citation: Citation): Place | undefined => {
    const place = citable && placeOf(citation, citable);
    if (citable && !place && isUnasked(citation, citable)) unasked.push(citation.path);
    return place;
  };
  for (const link of fragment.querySelectorAll<HTMLElement>('a[data-url]')) {
    const address = link.dataset['url'] ?? '';
    if (isOpenable(address)) {
      markSource(link, sources.of(address));
      continue;
    }
    const citation = citationOf(address);
    const place = citation && find(citation);
    if (citation && place) link.replaceWith(toLink([...link.childNodes], citation, place));
    else link.replaceWith(...link.childNodes, ` (${address})`);
  }
  for (const text of textNodes(fragment)) linkText(text, find);
  for (const text of textNodes(fragment)) linkHosts(text, sources);
  return unasked;
}

/** Its title has the whole address in any case: what a page says of itself counts for nothing. */
function markSource(link: HTMLElement, source: Source | undefined): void {
  if (!source) return;
  link.classList.add('source');
  link.title = source.isRead
    ? `${source.url}\n${t('Read in this run')}`
    : `${source.url}\n${t('Another page of a site that was read in this run')}`;
}

function linkHosts(node: Text, sources: Sources): void {
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const { index, text, url } of sources.in(node.data)) {
    const link = document.createElement('a');
    link.className = 'link';
    link.setAttribute('role', 'link');
    link.tabIndex = 0;
    link.dataset['url'] = url;
    link.append(text);
    markSource(link, { url, isRead: true });
    parts.push(node.data.slice(from, index), link);
    from = index + text.length;
  }
  if (parts.length > 0) node.replaceWith(...parts, node.data.slice(from));
}

function textNodes(fragment: DocumentFragment): Text[] {
  const walker = document.createTreeWalker(fragment, NodeFilter.SHOW_TEXT);
  const nodes: Text[] = [];
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    if (!node.parentElement?.closest('a, pre, button')) nodes.push(node);
  }
  return nodes;
}

function linkText(node: Text, find: (citation: Citation) => Place | undefined): void {
  const parts: (Node | string)[] = [];
  let from = 0;
  for (const citation of citationsIn(node.data)) {
    const place = find(citation);
    if (!place) continue;
    parts.push(node.data.slice(from, citation.index), toLink([citation.text], citation, place));
    from = citation.index + citation.text.length;
  }
  if (parts.length > 0) node.replaceWith(...parts, node.data.slice(from));
}

function toLink(content: (Node | string)[], { path, lines }: Citation, place: Place): HTMLElement {
  const link = document.createElement('a');
  link.className = 'link citation';
  link.setAttribute('role', 'link');
  link.tabIndex = 0;
  link.title = lines
    ? `${path}, ${lines[0] === lines[1] ? t('line {0}', String(lines[0])) : t('lines {0} to {1}', String(lines[0]), String(lines[1]))}`
    : path;
  link.append(...content);
  places.set(link, place);
  return link;
}

// What a page says, as Markdown: the article where it has one, else all of its body. Nothing of it is run or loaded. Runs in the child alone.
import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import TurndownService from 'turndown';
import { decoded } from './decode.ts';
import type { ReadingProtocol, ReadPage } from './messages.ts';

const maxElements = 50_000;
const maxMarkdown = 400_000; // characters
const maxTitle = 200;
const neverText = [
  'script',
  'style',
  'noscript',
  'template',
  'iframe',
  'svg',
  'title',
  'form',
  'nav',
  'aside',
  'footer',
];

/** An element as far as it is read: the types of pages come with a page's library alone. */
interface PageElement {
  nodeName: string;
  textContent: string | null;
  className: string;
  firstChild: PageElement | null;
  parentNode: PageElement | null;
  children: ArrayLike<PageElement>;
  getAttribute(name: string): string | null;
  querySelectorAll(selector: string): Iterable<PageElement & { remove(): void }>;
}

interface PageDocument {
  title: string;
  body: PageElement | null;
  querySelector(selector: string): PageElement | null;
}

export function readHtml({ bytes, url, charset }: ReadingProtocol['requests']['read']['params']): ReadPage {
  const html = decoded(bytes, charset);
  const page = pageOf(html);
  const base = baseOf(page, url);
  const title = (page.title || page.querySelector('title')?.textContent || '').replace(/\s+/g, ' ').trim();
  const article = articleOf(html);
  const markdown = toMarkdown(article?.content ?? bodyOf(page), base);
  return {
    title: (article?.title?.replace(/\s+/g, ' ').trim() || title).slice(0, maxTitle).toWellFormed(),
    markdown: markdown.slice(0, maxMarkdown).toWellFormed(),
  };
}

/** A text without a root would be a document without one. */
function pageOf(html: string): PageDocument {
  const whole = /<html[\s>]/i.test(html) ? html : `<!doctype html><html><body>${html}</body></html>`;
  return parseHTML(whole).document as unknown as PageDocument;
}

/** Readability changes what it reads, so it has a document of its own. */
function articleOf(html: string): { title?: string | null | undefined; content: PageElement } | undefined {
  const document = pageOf(html) as unknown as ConstructorParameters<typeof Readability>[0];
  const serializer = (node: unknown): PageElement => node as PageElement;
  const read = new Readability(document, { maxElemsToParse: maxElements, keepClasses: true, serializer }).parse();
  return read?.content ? { title: read.title, content: read.content } : undefined;
}

function bodyOf({ body }: PageDocument): PageElement | undefined {
  if (!body) return undefined;
  for (const element of body.querySelectorAll([...neverText, '[hidden]'].join(','))) element.remove();
  return body;
}

function baseOf(page: PageDocument, url: string): URL {
  const own = page.querySelector('base')?.getAttribute('href');
  return (own && URL.parse(own, url)) || new URL(url);
}

function toMarkdown(content: PageElement | undefined, base: URL): string {
  if (!content) return '';
  const service = new TurndownService({ headingStyle: 'atx', codeBlockStyle: 'fenced', bulletListMarker: '-' });
  service.addRule('pictures', { filter: ['img', 'video', 'audio', 'svg', 'iframe'], replacement: () => '' });
  service.addRule('links', {
    filter: 'a',
    replacement(text, node) {
      const address = addressOf(node, base);
      const words = text.trim();
      return words === '' || address === undefined ? text : `[${words}](${address})`;
    },
  });
  service.addRule('cells', {
    filter: ['td', 'th'],
    replacement: (text) => ` ${text.trim().replace(/\s*\n\s*/g, ' ')} |`,
  });
  service.addRule('rows', { filter: 'tr', replacement: (text, node) => `\n|${text.trimEnd()}${lineBelow(node)}` });
  service.addRule('tables', { filter: 'table', replacement: (text) => `\n\n${text.trim()}\n\n` });
  service.remove(['script', 'style', 'noscript', 'template']);
  return service.turndown(content).replace(/\n{3,}/g, '\n\n');
}

/** Whole, and of the web: a model can't follow another. */
function addressOf(node: PageElement, base: URL): string | undefined {
  const url = URL.parse(node.getAttribute('href') ?? '', base.href);
  if (!url || !/^https?:$/.test(url.protocol)) return undefined;
  const isHere = url.hash !== '' && url.href.split('#')[0] === base.href.split('#')[0];
  return isHere ? undefined : url.href.replaceAll('(', '%28').replaceAll(')', '%29');
}

/** Below a table's first row. */
function lineBelow(row: PageElement): string {
  const body = row.parentNode;
  const isFirst = body?.children[0] === row && (body.nodeName !== 'TBODY' || body.parentNode?.children[0] === body);
  return isFirst ? `\n|${' --- |'.repeat(row.children.length)}` : '';
}

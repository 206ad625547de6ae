// Places in code that an answer cites (`src/cart.ts:12`, `src/cart.ts:12-20`), and which file each is. Pure.
// An answer is hostile text: a citation is a link only to a file that was attached to this chat, or that the host has confirmed.
import type { Attachment } from '../../shared/protocol/chat.ts';
import type { Range } from '../../shared/protocol/text.ts';

export interface Citation {
  /** As it was written. */
  readonly text: string;
  readonly path: string;
  /** From 1, the last one included; none where the whole file is meant. */
  readonly lines: readonly [number, number] | undefined;
}

export interface Place {
  readonly uri: string;
  readonly range?: Range;
}

/** What citations may lead to. */
export interface Citable {
  readonly attachments: readonly Attachment[];
  /** Paths that the host was asked about: the file's address, or none where it is not in the workspace. */
  readonly confirmed: Readonly<Record<string, string | undefined>>;
  /** Whether it is known what was attached to every question; before that the host is asked nothing. */
  readonly isWhole: boolean;
}

export const nothingCitable: Citable = { attachments: [], confirmed: {}, isWhole: false };

// A path, then lines. Neither a scheme nor a host may come before it, so that no address is taken for a path. Its length is bounded,
// so that a hostile text costs no more than its own length.
const pattern =
  /(?<![\p{L}\p{N}_@:/.\\-])(?<path>[\p{L}\p{N}_@.][\p{L}\p{N}_@.+()[\]/-]{0,300}):L?(?<first>\d{1,7})(?:[-–:]L?(?<last>\d{1,7}))?(?![\p{L}\p{N}_/])/gu;
const maxCharacters = 20_000;

/** The citations of a text, in order, each with where it begins. */
export function citationsIn(text: string): (Citation & { index: number })[] {
  return [...text.slice(0, maxCharacters).matchAll(pattern)].flatMap(({ 0: whole, index, groups = {} }) => {
    const { path = '', first, last } = groups;
    if (!/\.[\p{L}\p{N}_-]+$|\//u.test(path)) return []; // `note:3` cites nothing
    return [{ index, ...toCitation({ text: whole, path, first, last, isColumn: whole.includes(`:${first}:`) }) }];
  });
}

/** The address of a Markdown link as a citation: lines may be missing, or be written as on web pages (`#L12-L20`). */
export function citationOf(address: string): Citation | undefined {
  const found = /^(?<path>(?!\/\/)[^\t\r\n:#?\\]+?)(?:(?::|#L?)(?<first>\d{1,7})(?:[-–]L?(?<last>\d{1,7}))?)?$/u.exec(
    decoded(address),
  );
  if (!found?.groups) return undefined;
  const { path = '', first, last } = found.groups;
  return /\.[\p{L}\p{N}_-]+$|\//u.test(path)
    ? toCitation({ text: address, path, first, last, isColumn: false })
    : undefined;
}

function toCitation({
  text,
  path,
  first,
  last,
  isColumn,
}: {
  text: string;
  path: string;
  first: string | undefined;
  last: string | undefined;
  isColumn: boolean;
}): Citation {
  const begin = Math.max(1, Number(first ?? 0));
  return {
    text,
    path: path.replace(/^\.\//, ''),
    lines: first === undefined ? undefined : [begin, isColumn ? begin : Math.max(begin, Number(last ?? begin))],
  };
}

/** Where a citation leads; undefined where it may not be a link. Of several files that it could mean, the one whose attached lines it names. */
export function placeOf({ path, lines }: Citation, { attachments, confirmed }: Citable): Place | undefined {
  const candidates = attachments.filter(
    ({ kind, uri }) => uri.startsWith('file:') && kind !== 'diff' && isEndOf(path, uri),
  );
  const uri =
    (
      candidates.find(({ range }) => range && lines && range.start.line < lines[0] && lines[0] <= range.end.line + 1) ??
      candidates[0]
    )?.uri ?? ownOf(confirmed, path);
  if (uri === undefined) return undefined;
  // Up to the beginning of the line after the last one: the editor keeps it within the file.
  return lines
    ? { uri, range: { start: { line: lines[0] - 1, character: 0 }, end: { line: lines[1], character: 0 } } }
    : { uri };
}

/** Where a link to a page that was read leads, and whether it is that very page or another one of its host. */
export interface Source {
  readonly url: string;
  readonly isRead: boolean;
}

/** Pages that an answer was made from, by their addresses. Hosts count with their ports. */
export class Sources {
  readonly #pages: readonly URL[];
  readonly #mention: RegExp | undefined;

  constructor(addresses: readonly string[]) {
    this.#pages = addresses.flatMap((address) => {
      const url = URL.canParse(address) ? new URL(address) : undefined;
      return url && /^https?:$/.test(url.protocol) ? [url] : [];
    });
    const hosts = [...new Set(this.#pages.map(({ host }) => host))].sort((a, b) => b.length - a.length);
    const words = hosts.map((host) => host.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
    this.#mention =
      words === ''
        ? undefined
        : new RegExp(`(?<![\\p{L}\\p{N}_@:/.-])(?:${words})(?![\\p{L}\\p{N}_:/@-]|\\.[\\p{L}\\p{N}])`, 'giu');
  }

  /** Undefined of a host that nothing was read from. */
  of(address: string): Source | undefined {
    if (this.#pages.length === 0 || !URL.canParse(address)) return undefined;
    const url = new URL(address);
    const own = this.#pages.filter(({ host }) => host === url.host);
    if (own.length === 0) return undefined;
    return { url: address, isRead: own.some((page) => withoutHash(page) === withoutHash(url)) };
  }

  /** Hosts that a text names, each with where it begins and the first page that was read there. */
  in(text: string): { index: number; text: string; url: string }[] {
    if (!this.#mention) return [];
    return [...text.slice(0, maxCharacters).matchAll(this.#mention)].flatMap(({ 0: host, index }) => {
      const page = this.#pages.find((each) => each.host === host.toLowerCase());
      return page ? [{ index, text: host, url: page.href }] : [];
    });
  }
}

function withoutHash({ origin, pathname, search }: URL): string {
  return origin + pathname + search;
}

/** Whether the host has not been asked about it yet, and asking makes sense. */
export function isUnasked({ path }: Citation, { confirmed }: Citable): boolean {
  return !Object.hasOwn(confirmed, path) && path.length <= 500 && !path.split('/').includes('..');
}

function ownOf(record: Citable['confirmed'], key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function isEndOf(path: string, uri: string): boolean {
  const whole = decoded(uri.slice('file://'.length));
  return whole === path || whole.endsWith(`/${path}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

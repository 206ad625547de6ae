// Keyset paging: a cursor holds the sort key of the last row of a page, so that rows added meanwhile shift nothing.
import { UserError } from '../../base/errors.ts';
import type { Page, PageRequest } from '../pages.ts';

const defaultLimit = 50;
const highestLimit = 200;

export function limitOf(page: PageRequest): number {
  return Math.max(1, Math.min(page.limit ?? defaultLimit, highestLimit));
}

/** A page out of rows that were read one over the limit: the extra row tells that there is a next page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  map: { item: (row: Row) => Item; key: (row: Row) => Cursor },
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(map.item),
    ...(rows.length > limit && last !== undefined && { next: encode(map.key(last)) }),
  };
}

/** The sort key of a row: a number, and an id where numbers repeat. */
export type Cursor = readonly [position: number, id: string];

export function cursorOf(page: PageRequest): Cursor | undefined {
  if (page.cursor === undefined) return undefined;
  const [, position, id] = /^(\d+)\.(.*)$/s.exec(Buffer.from(page.cursor, 'base64url').toString()) ?? [];
  if (position === undefined || id === undefined) {
    throw new UserError('bad-cursor', 'That page is no longer available. Load the list again from the start.');
  }
  return [Number(position), id];
}

function encode([position, id]: Cursor): string {
  return Buffer.from(`${position}.${id}`).toString('base64url');
}

// Lists that come in pages, up to what the user wants to see of them.
import { UsageError } from './command.ts';
import { printNote } from './terminal.ts';

interface Page<T> {
  items: readonly T[];
  next?: string | undefined;
}

export interface ListedItems<T> {
  items: readonly T[];
  /** Whether there are more. */
  hasMore: boolean;
}

export const defaultListed = 20;
const maxListed = 10_000;
const pageSize = 200;

/** What `--limit` says. Throws UsageError. */
export function limitNamed(written: string | undefined): number {
  const limit = Number(written ?? defaultListed);
  if (Number.isInteger(limit) && limit >= 1 && limit <= maxListed) return limit;
  throw new UsageError(`--limit must be a whole number from 1 to ${maxListed}.`);
}

/** The first ones. */
export async function listFirst<T>(
  limit: number,
  pageOf: (page: { limit: number; cursor?: string }) => Promise<Page<T>>,
): Promise<ListedItems<T>> {
  const items: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await pageOf({ limit: Math.min(pageSize, limit - items.length), ...(cursor && { cursor }) });
    items.push(...page.items);
    cursor = page.next;
    if (!cursor || items.length >= limit) return { items, hasMore: cursor !== undefined };
  }
}

/** Says that a list goes on. */
export function hintAtMore({ items, hasMore }: ListedItems<unknown>): void {
  if (hasMore) printNote(`These are the newest ${items.length}. To see older ones, add \`--limit N\`.`);
}

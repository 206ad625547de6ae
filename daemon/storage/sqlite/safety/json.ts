// Columns that hold JSON, and what becomes of a value that a damaged disk has made unreadable.
import type { Database } from 'better-sqlite3';

/** By table: `needed` columns without which a row says nothing, and others that may be lost alone. */
const jsonColumns: Readonly<Record<string, { needed: readonly string[]; others: readonly string[] }>> = {
  message: { needed: [], others: ['attachments', 'error', 'notes', 'decision', 'usage', 'context'] },
  finding: { needed: ['finding'], others: ['surroundings'] },
  review_run: { needed: [], others: ['coverage', 'aside', 'files'] },
  review_hunk: { needed: ['claims'], others: [] },
  search_source: { needed: [], others: ['range'] },
  job: { needed: ['request'], others: ['result'] },
  job_stage: { needed: ['content'], others: [] },
  decision: { needed: ['record'], others: ['outcome'] },
};

/** How many values of each table cannot be read, for tables that have any. */
export function unreadableJson(database: Database): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { table, column } of presentColumns(database)) {
    const count = database
      .prepare(`select count(*) from "${table}" where not json_valid("${column}")`)
      .pluck()
      .get() as number;
    if (count > 0) counts.set(table, (counts.get(table) ?? 0) + count);
  }
  return counts;
}

/** Removes what cannot be read. Returns how many rows went with it, by table. */
export function dropUnreadableJson(database: Database): Map<string, number> {
  const lost = new Map<string, number>();
  for (const { table, column, isNeeded } of presentColumns(database)) {
    if (!isNeeded) database.exec(`update "${table}" set "${column}" = null where not json_valid("${column}")`);
    else {
      const { changes } = database.prepare(`delete from "${table}" where not json_valid("${column}")`).run();
      if (changes > 0) lost.set(table, changes);
    }
  }
  return lost;
}

function presentColumns(database: Database): { table: string; column: string; isNeeded: boolean }[] {
  const has = database.prepare('select 1 from pragma_table_info(?) where name = ?');
  return Object.entries(jsonColumns)
    .flatMap(([table, { needed, others }]) => [
      ...needed.map((column) => ({ table, column, isNeeded: true })),
      ...others.map((column) => ({ table, column, isNeeded: false })),
    ])
    .filter(({ table, column }) => has.get(table, column) !== undefined);
}

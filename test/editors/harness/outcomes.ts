// What became of suggestions and edits, as the daemon has stored it.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Home } from './home.ts';

interface Outcome {
  /** Null while it isn't known. */
  accepted: number | null;
  kept_ms: number | null;
}

/** How suggestions ended, the oldest first. */
export function outcomes(home: Home): Outcome[] {
  return rows(home, 'SELECT accepted, kept_ms FROM completion ORDER BY shown_at') as unknown as Outcome[];
}

export function acceptedCount(home: Home): number {
  return outcomes(home).filter(({ accepted }) => accepted === 1).length;
}

/** Whether the router was told that an edit was kept. */
export function hasKeptEdit(home: Home): boolean {
  return rows(home, "SELECT 1 FROM decision WHERE outcome ->> 'keptEdit'").length > 0;
}

function rows(home: Home, sql: string): unknown[] {
  using database = new DatabaseSync(join(home.folder, 'data', 'switchyard.db'), { readOnly: true, timeout: 30_000 });
  return database.prepare(sql).all();
}

// What became of suggestions of code, as the daemon has stored it.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Home } from './home.ts';

/** How suggestions ended: whether they were accepted, the oldest first. */
export function outcomes(home: Home): (number | null)[] {
  using database = new DatabaseSync(join(home.folder, 'data', 'switchyard.db'), { readOnly: true });
  const rows = database.prepare('select accepted from completion order by shown_at').all();
  return rows.map(({ accepted }) => accepted as number | null);
}

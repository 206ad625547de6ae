// Finds the chat that an import belongs to.
import type { Origin } from '../../import.ts';
import type { PartDeps } from '../profiles/part-deps.ts';

/** The source of chats that were made in a Switchyard. */
const ownSource = 'switchyard';

/** The chat of this profile that was imported from this origin, or that is itself the origin. */
export function chatOfOrigin(
  { sql, profile }: PartDeps,
  { source, id }: Origin,
): { id: string; updated_at: number; project_id: string | null } | undefined {
  const own = sql.build.selectFrom('chat').select(['id', 'updated_at', 'project_id']).where('profile_id', '=', profile);
  const imported = sql.first(own.where('origin_source', '=', source).where('origin_id', '=', id));
  return imported ?? (source === ownSource ? sql.first(own.where('id', '=', id)) : undefined);
}

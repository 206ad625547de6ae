// Rows that refer to rows which are lost: what the user wrote gets something in the place of what it belonged to, and stays in its
// profile; what says nothing by itself goes.
import type { Database } from 'better-sqlite3';
import { defaultProfile } from '../../profiles.ts';
import { type ChecksumFields, checksumOf } from '../chats/checksum.ts';
import { isStaged } from '../import/staging.ts';

const ownedTables = [
  'chat',
  'review_run',
  'dismissal',
  'review_hunk',
  'review_lesson',
  'request',
  'decision',
  'project',
  'memory',
  'search_source',
  'deleted_chat',
  'job',
  'written',
  'completion',
  'approval',
  'mcp_pin',
];
const recoveredProfile = 'recovered';

/**
 * What SQLite does not know of references: a sentence for each kind of row that is in no profile, and for chats whose messages do
 * not make a tree with one branch that is read. Nothing for a schema from before there were profiles.
 */
export function treeProblems(database: Database): string[] {
  if (!hasTable(database, 'profile')) return [];
  const count = (sql: string): number => database.prepare(`select count(*) from (${sql})`).pluck().get() as number;
  const strays = ownedTables
    .filter((table) => hasTable(database, table))
    .map(
      (table) =>
        [
          count(
            `select 1 from "${table}" where profile_id not in (select id from profile)${table === 'chat' ? ` and not (${isStaged})` : ''}`,
          ),
          `rows in ${table} have no profile.`,
        ] as const,
    );
  const trees = [
    [
      count('select 1 from message group by chat_id, parent_id having sum(chosen) <> 1'),
      'messages have no chosen version, or more than one.',
    ],
    [
      count(`
        select 1 from message left join message as parent on parent.id = message.parent_id and parent.chat_id = message.chat_id
        where (message.parent_id is not null and (parent.id is null or parent.seq >= message.seq))
          or message.active <> (message.chosen = 1 and coalesce(parent.active, 1) = 1)
      `),
      'messages are in the wrong place in their chats.',
    ],
  ] as const;
  return [...strays, ...trees].filter(([number]) => number > 0).map(([number, what]) => `${number} ${what}`);
}

function hasTable(database: Database, name: string): boolean {
  return database.prepare("select 1 from sqlite_schema where type = 'table' and name = ?").get(name) !== undefined;
}

/** To be called in a transaction, on a database of the newest schema. */
export function mendReferences(database: Database): void {
  database.exec(`
    delete from message where chat_id in (select id from chat where ${isStaged}); -- nobody has seen these yet, and they are not whole
    delete from chat where ${isStaged};
  `);
  mendMemories(database);
  mendChats(database);
  mendProfiles(database);
  mendTrees(database);
  database.exec('update chat set project_id = null where project_id not in (select id from project)');
  const broken = database.pragma('foreign_key_check') as { table: string; rowid: number | null }[];
  for (const { table, rowid } of broken)
    if (rowid !== null) database.prepare(`delete from "${table}" where rowid = ?`).run(rowid);
  database.exec(`
    delete from message_chunk where message_id not in (select id from message); -- has no rowid, as the next
    delete from project_key where project_id not in (select id from project);
    delete from review_lesson where finding_id not in (select id from finding);
    delete from deleted_message where chat_id not in (select id from deleted_chat); -- what was to be deleted anyway
  `);
}

/**
 * Messages whose chat is lost get another chat, findings another run. Whose they were is told by what was spent on them; where that
 * is not known either, they are the only profile's, or else a profile's of their own.
 */
function mendChats(database: Database): void {
  const profiles = database.prepare('select id from profile').pluck().all() as string[];
  const otherwise = profiles.length > 1 ? recoveredProfile : (profiles[0] ?? defaultProfile);
  database
    .prepare(`
    insert into chat (id, profile_id, title, created_at, updated_at)
      select chat_id, coalesce((select max(profile_id) from request where request.chat_id = message.chat_id), ?), 'Recovered chat', min(created_at), max(created_at)
      from message where chat_id not in (select id from chat) group by chat_id
  `)
    .run(otherwise);
  database
    .prepare(`
    insert into review_run (id, profile_id, uri, summary, created_at)
      select run_id, ?, min(uri), '', 0 from finding where run_id not in (select id from review_run) group by run_id
  `)
    .run(otherwise);
}

/** A memory whose row is lost, while search still has its words, comes back switched off: whether it was on is not known. */
function mendMemories(database: Database): void {
  database.exec(`
    insert into memory (id, profile_id, project_id, text, state, enabled, created_at)
      select reference, profile_id, project, text, 'accepted', 0, created_at from search_source where kind = 'memory' and reference not in (select id from memory);
    update memory set message_id = null where message_id not in (select id from message);
  `);
}

/**
 * What is in no profile belongs to the one whose id differs in one letter; else its profile is lost, and comes back under another
 * name. The default one is always there.
 */
function mendProfiles(database: Database): void {
  const insert = database.prepare('insert into profile (id, name, created_at) values (?, ?, ?) on conflict do nothing');
  const isThere = database.prepare('select 1 from profile where id = ?');
  const known = new Set([defaultProfile, ...(database.prepare('select id from profile').pluck().all() as string[])]);
  for (const table of ownedTables) {
    for (const owner of database.prepare(`select distinct profile_id from "${table}"`).pluck().all() as string[]) {
      const meant = known.has(owner) ? owner : ([...known].find((id) => differInOneLetter(id, owner)) ?? owner);
      if (meant !== owner)
        database.prepare(`update or replace "${table}" set profile_id = ? where profile_id = ?`).run(meant, owner);
      known.add(meant);
    }
  }
  for (const id of known) {
    for (let number = 1; isThere.get(id) === undefined; number++) {
      const name =
        id === defaultProfile && number === 1 ? defaultProfile : number === 1 ? 'recovered' : `recovered ${number}`;
      insert.run(id, name, Date.now()); // does nothing where another has the name
    }
  }
}

function differInOneLetter(a: string, b: string): boolean {
  return a.length === b.length && [...a].filter((letter, place) => letter !== b[place]).length === 1;
}

/**
 * A message whose parent is lost follows what was read before it. Of the versions at one place exactly one is chosen, and what is
 * read are the chosen ones whose parents are read.
 */
function mendTrees(database: Database): void {
  const orphans = database
    .prepare(`
    select * from message where parent_id is not null
      and not exists (select 1 from message as parent where parent.id = message.parent_id and parent.chat_id = message.chat_id and parent.seq < message.seq)
  `)
    .all() as (ChecksumFields & { checksum: number | null })[];
  const before = database
    .prepare('select id from message where chat_id = ? and active = 1 and seq < ? order by seq desc limit 1')
    .pluck();
  const move = database.prepare('update message set parent_id = ?, checksum = ? where id = ?');
  for (const row of orphans.toSorted((a, b) => a.seq - b.seq)) {
    const parent_id = (before.get(row.chat_id, row.seq) as string | undefined) ?? null;
    move.run(parent_id, row.checksum === null ? null : checksumOf({ ...row, parent_id }), row.id);
  }
  database.exec(`
    update message set chosen = (id = (
        select best.id from message as best where best.chat_id = message.chat_id and best.parent_id is message.parent_id
        order by best.active desc, best.chosen desc, best.id desc limit 1
      ))
      where exists (
        select 1 from message as other where other.chat_id = message.chat_id and other.parent_id is message.parent_id
        group by other.parent_id having sum(other.chosen <> 0) <> 1 or min(other.chosen) < 0 or max(other.chosen) > 1
      );
    with recursive reading (id, chat_id) as (
      select id, chat_id from message where parent_id is null and chosen = 1
      union all select message.id, message.chat_id from message join reading on message.chat_id = reading.chat_id and message.parent_id = reading.id where message.chosen = 1
    )
    update message set active = (id in (select id from reading)) where active <> (id in (select id from reading));
  `);
}

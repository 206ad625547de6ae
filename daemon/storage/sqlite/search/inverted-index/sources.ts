// What the queue names, read from where it is stored, as documents. The text itself is never stored a second time.
import type { Database, Statement } from 'better-sqlite3';
import type { SearchKind } from '../../../search.ts';
import { isStaged } from '../../import/staging.ts';
import { fromJson } from '../../schema.ts';

export interface Source {
  profile: string;
  kind: SearchKind;
  reference: string;
  parent: string | null;
  project: string | null;
  language: string | null;
  uri: string | null;
  range: string | null;
  title: string;
  text: string;
  createdAt: number;
  /** Whether it is a message that its chat begins with. */
  isFirst?: boolean;
}

export interface QueueItem {
  id: number;
  kind: SearchKind;
  reference: string | number;
}

interface SourceMessageRow {
  profile: string;
  parent: string;
  project: string | null;
  title: string;
  text: string;
  createdAt: number;
  isFirst: number;
}
interface SourceFindingRow {
  profile: string;
  uri: string;
  finding: string;
  createdAt: number;
}
interface StoredFindingFields {
  message?: unknown;
  evidence?: unknown;
  rule?: unknown;
  source?: unknown;
  range?: unknown;
}

/** Lives as long as an open database. */
export class Sources {
  readonly #message: Statement<[string], SourceMessageRow>;
  readonly #finding: Statement<[string], SourceFindingRow>;
  readonly #source: Statement<[number], Source>;
  readonly #documents: Statement<
    [number, number, number],
    { id: number; kind: SearchKind; reference: string; source: number | null }
  >;
  readonly #named: Statement<[string, string, string], Source>;

  constructor(database: Database) {
    this.#message = database.prepare(
      `select chat.profile_id as profile, chat_id as parent, chat.project_id as project, chat.title, message.text, message.created_at as createdAt,
         parent_id is null as isFirst
       from message join chat on chat.id = chat_id where message.id = ? and active = 1 and status <> 'streaming' and not (${isStaged})`,
    );
    this.#finding = database.prepare(
      `select profile_id as profile, finding.uri, finding.finding, created_at as createdAt
       from finding join review_run on review_run.id = run_id where finding.id = ?`,
    );
    const columns =
      'profile_id as profile, kind, reference, parent, project, language, uri, range, title, text, created_at as createdAt';
    this.#source = database.prepare(`select ${columns} from search_source where rowid = ?`);
    this.#documents = database.prepare(
      `select document.id, document.kind, document.reference, search_source.rowid as source
       from search_document as document left join search_source
         on search_source.profile_id = document.profile_id and search_source.kind = document.kind and search_source.reference = document.reference
       where document.id > ? and document.id <= ? order by document.id limit ?`,
    );
    this.#named = database.prepare(
      `select ${columns} from search_source where kind = ? and reference = ? and profile_id = ?`,
    );
  }

  /** Undefined for what was deleted, is in a branch that is not read, or is empty. */
  read({ kind, reference }: Pick<QueueItem, 'kind' | 'reference'>): Source | undefined {
    const source =
      kind === 'message'
        ? this.#readMessage(String(reference))
        : kind === 'finding'
          ? this.#readFinding(String(reference))
          : this.#source.get(Number(reference));
    return source && source.text.trim() !== '' ? source : undefined;
  }

  /** Documents of the index in the order of their numbers, with what is stored of each now. */
  documents({
    after,
    upTo,
    most,
  }: {
    after: number;
    upTo: number;
    most: number;
  }): { id: number; source: Source | undefined }[] {
    return this.#documents
      .all(after, upTo, most)
      .map(({ id, kind, reference, source }) => ({ id, source: this.read({ kind, reference: source ?? reference }) }));
  }

  /** What is stored now of a document that is in the index; undefined when it is gone. */
  current({ kind, reference, profile }: { kind: SearchKind; reference: string; profile: string }): Source | undefined {
    if (kind === 'message' || kind === 'finding') return this.read({ kind, reference });
    return this.#named.get(kind, reference, profile);
  }

  #readMessage(id: string): Source | undefined {
    const row = this.#message.get(id);
    return (
      row && {
        ...row,
        isFirst: row.isFirst === 1,
        kind: 'message',
        reference: id,
        language: null,
        uri: null,
        range: null,
      }
    );
  }

  #readFinding(id: string): Source | undefined {
    const row = this.#finding.get(id);
    if (!row) return undefined;
    const { message, evidence, rule, source, range } = fromJson<StoredFindingFields>(row.finding);
    const lines = [message, evidence, [source, rule].filter(isText).join(' ')].filter(isText);
    return {
      profile: row.profile,
      kind: 'finding',
      reference: id,
      parent: row.uri,
      uri: row.uri,
      project: null,
      language: null,
      createdAt: row.createdAt,
      range: range === undefined ? null : JSON.stringify(range),
      title: isText(message) ? message : row.uri,
      text: lines.join('\n'),
    };
  }
}

/** The words by which a document is found. Of code they are also in its title and path; a chat's title belongs to its first message. */
export function searchableText({ kind, title, uri, text, isFirst }: Source): string {
  if (kind === 'code' || kind === 'memory') return `${title}\n${uri ?? ''}\n${text}`;
  return isFirst && !text.startsWith(title.replace(/…$/, '')) ? `${title}\n${text}` : text;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

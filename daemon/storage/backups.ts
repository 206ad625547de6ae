// Copies of the database as the rest of the daemon knows them.

/** Why a backup was made. Those before a migration name it: `before-0002-reviews`. */
export type BackupKind = 'daily' | 'manual' | 'before-restore' | `before-${string}`;

export interface Backup {
  /** Absolute path. */
  file: string;
  kind: BackupKind;
  /** Milliseconds since the epoch. */
  at: number;
  sizeBytes: number;
}

export interface Verification {
  file: string;
  ok: boolean;
  /** A sentence each. */
  problems: string[];
  /** Whether the file was written by a newer Switchyard, which is no damage. */
  isNewer: boolean;
  /** Name of the newest migration it has seen. */
  schema?: string;
  /** Rows of each table. */
  counts: Record<string, number>;
  sizeBytes: number;
}

/** Copies of everything that is stored, made while it is in use. A file is named by its path, or by its name among the backups. */
export interface Backups {
  create(): Promise<Backup>;
  /** Newest first. */
  list(): Promise<Backup[]>;
  /** The database itself when no file is named. Throws UserError `no-such-file`. */
  verify(file?: string): Promise<Verification>;
  /**
   * Puts a backup in the database's place, and makes a backup of what was there. Throws UserErrors `no-such-file`, `backup-damaged`
   * and `database-newer`, having changed nothing.
   */
  restore(file: string): Promise<{ backup?: Backup; schema: string }>;
}

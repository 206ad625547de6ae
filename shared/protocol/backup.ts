// Messages about copies of everything that is stored: making them, checking them, going back to one.
import * as z from 'zod';
import { request } from './define.ts';

export const Backup = z.object({
  /** Absolute path. */
  file: z.string(),
  /** `daily`, `manual`, `before-restore`, or `before-` and the migration that came next. */
  kind: z.string(),
  /** Milliseconds since the epoch. */
  at: z.number(),
  sizeBytes: z.number().int(),
});

export const BackupCreate = request(
  'switchyard/backup/create',
  'Copies everything that is stored, while it is in use.',
  {
    params: z.object({}),
    result: z.object({ backup: Backup }),
  },
);

export const BackupList = request('switchyard/backup/list', 'Lists the backups, the newest first.', {
  params: z.object({}),
  result: z.object({ backups: z.array(Backup) }),
});

export const BackupVerify = request(
  'switchyard/backup/verify',
  'Checks a backup, or what is stored now, and says in a sentence each what is wrong.',
  {
    params: z.object({
      /** An absolute path, or a name among the backups; the database itself when left out. */
      file: z.string().optional(),
    }),
    result: z.object({
      file: z.string(),
      ok: z.boolean(),
      problems: z.array(z.string()),
      /** Name of the newest migration it has seen. */
      schema: z.string().optional(),
      /** Rows of each table. */
      counts: z.record(z.string(), z.number()),
      sizeBytes: z.number().int(),
    }),
  },
);

export const BackupRestore = request(
  'switchyard/backup/restore',
  'Goes back to a backup. What was there before becomes a backup itself.',
  {
    params: z.object({ file: z.string() }),
    result: z.object({
      /** What was there before. */
      backup: Backup.optional(),
      /** Name of the newest migration that the restored file had seen. */
      schema: z.string(),
    }),
  },
);

export type Backup = z.infer<typeof Backup>;

// Wire <-> domain for copies of everything that is stored.
import type { BackupCreate, BackupList, BackupRestore, BackupVerify } from '../../shared/protocol/backup.ts';
import type { Handler } from './handler.ts';

export const handleBackupCreate: Handler<typeof BackupCreate> = async (_params, { services }) => ({
  backup: await services.storage.backups.create(),
});

export const handleBackupList: Handler<typeof BackupList> = async (_params, { services }) => ({
  backups: await services.storage.backups.list(),
});

export const handleBackupVerify: Handler<typeof BackupVerify> = async ({ file }, { services }) => {
  const { isNewer: _, ...verified } = await services.storage.backups.verify(file);
  return verified;
};

export const handleBackupRestore: Handler<typeof BackupRestore> = ({ file }, { services }) =>
  services.storage.backups.restore(file);

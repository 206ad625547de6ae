// Wire <-> domain for copies of everything that is stored.
import type { BackupCreate, BackupList, BackupRestore, BackupVerify } from '../../shared/protocol/backup.ts';
import type { Handler } from './handler.ts';

export const handleBackupCreate: Handler<typeof BackupCreate, 'storage', 'none'> = async (_params, { services }) => ({
  backup: await services.storage.backups.create(),
});

export const handleBackupList: Handler<typeof BackupList, 'storage', 'none'> = async (_params, { services }) => ({
  backups: await services.storage.backups.list(),
});

export const handleBackupVerify: Handler<typeof BackupVerify, 'storage', 'none'> = async ({ file }, { services }) => {
  const { isNewer: _, ...verified } = await services.storage.backups.verify(file);
  return verified;
};

export const handleBackupRestore: Handler<typeof BackupRestore, 'storage', 'none'> = ({ file }, { services }) =>
  services.storage.backups.restore(file);

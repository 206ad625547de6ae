// Where the master key is kept: in the system's keychain, or in a file beside the keys where there is no keychain.
import { randomBytes, randomUUID } from 'node:crypto';
import { UserError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { type KeyFile, readIfThere, replaceFile, tampered } from './key-file.ts';
import type { Keychain } from './keychain.ts';
import { keyBytes } from './seal.ts';

export type MasterKeyRecord = KeyFile['masterKey'];

export interface MasterKey {
  readonly record: MasterKeyRecord;
  readonly key: Buffer;
}

/** Makes a master key and stores it in the best place this machine has. */
export async function createMasterKey(keychain: Keychain, file: string, log: Log): Promise<MasterKey> {
  const key = randomBytes(keyBytes);
  const text = key.toString('base64');
  const account = `master-key-${randomUUID()}`; // of its own, so that a second data folder never overwrites it
  try {
    await keychain.write(account, text);
    return { record: { place: 'keychain', account }, key };
  } catch (error) {
    log.warn({ why: error instanceof Error ? error.message : String(error) }, 'no keychain: the master key goes into a file');
  }
  await replaceFile(file, `${text}\n`);
  return { record: { place: 'file' }, key };
}

/** Fetches the master key from where it was put. */
export async function readMasterKey(keychain: Keychain, file: string, record: MasterKeyRecord): Promise<MasterKey> {
  const text = record.place === 'file' ? await readIfThere(file) : await readKeychain(keychain, record.account);
  if (text === undefined) throw missing(record, file);
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length !== keyBytes) throw tampered(file);
  return { record, key };
}

async function readKeychain(keychain: Keychain, account: string): Promise<string | undefined> {
  try {
    return await keychain.read(account);
  } catch (cause) {
    const message = "Your keys are locked with a master key in the system's keychain, and the keychain does not answer. Unlock it and try again.";
    throw new UserError('keychain-unavailable', message, { retryable: true, cause });
  }
}

function missing(record: MasterKeyRecord, file: string): UserError {
  const where = record.place === 'file' ? file : "the system's keychain";
  const message = `The master key is not in ${where} any more, so the stored keys cannot be read. Put it back, or delete keys.json and set your keys again.`;
  return new UserError('master-key-missing', message);
}

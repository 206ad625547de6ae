// A picture named on the command line: read by the client, whose user named it, and refused where the daemon would refuse it.
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { maxPictureBytes, pictureRefusal } from '../../../shared/pictures.ts';
import type { SentAttachment } from '../../../shared/protocol/chat.ts';
import { errnoCode, UserError } from '../../base/errors.ts';

/** Throws UserError when it can't be read, or is no picture within the limits. */
export async function readNamedPicture(name: string): Promise<SentAttachment> {
  const path = resolve(name);
  const bytes = await bytesOf(path);
  const refusal = pictureRefusal(bytes, basename(path));
  if (refusal !== undefined) throw new UserError('bad-picture', refusal);
  return { kind: 'image', uri: pathToFileURL(path).href, text: '', data: bytes.toString('base64') };
}

async function bytesOf(path: string): Promise<Buffer> {
  const reason = await stat(path).then(
    (stats) => {
      if (!stats.isFile()) return "it isn't a file";
      return stats.size > maxPictureBytes ? "it's over 20 MB" : undefined;
    },
    (error: unknown) => (errnoCode(error) === 'ENOENT' ? "it doesn't exist" : String(error)),
  );
  if (reason !== undefined) throw new UserError('unreadable-file', `Can't read ${path}: ${reason}.`);
  return await readFile(path).catch((error: unknown) => {
    const why = errnoCode(error) === 'EACCES' ? "you don't have permission" : String(error);
    throw new UserError('unreadable-file', `Can't read ${path}: ${why}.`);
  });
}

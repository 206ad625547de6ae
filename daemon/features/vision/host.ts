// Entry of the child that decodes pictures: a process of low priority that may read the program's own files and nothing else, since the
// bytes are anybody's and decoders have had faults.
import { constants, setPriority } from 'node:os';
import { UserError } from '../../base/errors.ts';
import { serveParent } from '../../base/process/child-peer.ts';
import { decodePicture, preparePicture } from './decode/decode.ts';
import { DamagedPicture } from './decode/grid.ts';
import type { PictureProtocol } from './messages.ts';

try {
  setPriority(constants.priority.PRIORITY_BELOW_NORMAL);
} catch {
  // Not every system lets it; then it runs like any other process.
}

async function told<Result>(name: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof DamagedPicture)) throw error;
    throw new UserError('bad-picture', `${name} can't be read: ${error.message}. Save it again, and attach that.`);
  }
}

serveParent<PictureProtocol>({
  answers: {
    prepare: ({ bytes, name }) => told(name, preparePicture(bytes)),
    pixels: ({ bytes, name }) => told(name, decodePicture(bytes)),
  },
}).notify({ kind: 'ready' });

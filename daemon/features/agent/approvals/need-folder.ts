// The folder that a run works in may be renamed or deleted meanwhile: nothing is done elsewhere then, and the user is told where to go on.
import { realpath } from 'node:fs/promises';
import { errnoCode, UserError } from '../../../base/errors.ts';

/** Its path without links. Throws UserError `folder-gone`. */
export async function needFolder(root: string): Promise<string> {
  try {
    return await realpath(root);
  } catch (error) {
    const code = errnoCode(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw error;
    throw new UserError(
      'folder-gone',
      `${root} no longer exists. Put the folder back and resume the job, or start the task again in its new place.`,
    );
  }
}

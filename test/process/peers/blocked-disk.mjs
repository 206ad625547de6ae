// Loaded into a daemon before its own code: every line for the history meets a disk that never answers. The wait is a real one, in a
// thread of Node's pool, where a network disk that has gone would hold it: opening a pipe to which nobody comes.
import { open } from 'node:fs/promises';

const pipe = process.env.TEST_BLOCKED_PIPE;
if (pipe && process.argv.includes('serve')) {
  const handle = await open(process.execPath, 'r');
  const prototype = Object.getPrototypeOf(handle);
  await handle.close();
  prototype.appendFile = async () => {
    const writer = await open(pipe, 'w');
    await writer.close();
  };
}

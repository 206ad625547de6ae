// Loaded into a daemon before its own code: its storage thread meets a disk that never answers when it is asked to create a chat named
// after a pipe. The wait is a real one, in a call to the system: reading a pipe to which nobody comes.
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import threads from 'node:worker_threads';

const { isMainThread, parentPort, receiveMessageOnPort, threadName } = threads;

function meetDisk({ calls = [] }) {
  for (const { args } of calls) if (args[0]?.title?.endsWith('.pipe')) readFileSync(args[0].title);
}

if (!isMainThread && threadName === 'storage') {
  const on = parentPort.on.bind(parentPort);
  parentPort.on = (event, listener) =>
    on(event, (message) => {
      if (event === 'message') meetDisk(message);
      listener(message);
    });
  threads.receiveMessageOnPort = (port) => {
    const received = receiveMessageOnPort(port);
    if (received) meetDisk(received.message);
    return received;
  };
  syncBuiltinESMExports();
}

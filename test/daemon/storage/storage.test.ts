// SQLite behind its worker thread, as chats and findings see it.
import { describeMemory } from './conformance.ts';
import { openTestMemory, testFolder } from './open-storage.ts';

const folder = testFolder();
describeMemory(
  'memory in SQLite',
  () => openTestMemory(folder.database),
  () => folder[Symbol.dispose](),
);

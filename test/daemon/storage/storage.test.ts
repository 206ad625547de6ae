// SQLite behind its worker thread, against the suite that holds for every engine.
import { join } from 'node:path';
import { describeStorage } from './conformance.ts';
import { openTestStorage, testFolder } from './open-storage.ts';

const folder = testFolder();
let opened = 0;
describeStorage(
  'storage in SQLite',
  () => openTestStorage(join(folder.path, String(++opened), 'switchyard.db')),
  () => folder[Symbol.dispose](),
);

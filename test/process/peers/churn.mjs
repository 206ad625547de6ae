// Loaded into each thread of the daemon: fills the young generation as work does, and writes down how large it has become.
import { appendFileSync } from 'node:fs';
import { getHeapSpaceStatistics } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

const file = process.env.SWITCHYARD_TEST_CHURN;
if (file && (!isMainThread || process.argv.includes('serve'))) {
  const kept = [];
  for (let index = 0; index < 3_000_000; index++) kept[index % 400_000] = { index, text: `${index}` };
  const { space_size: bytes } = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space');
  appendFileSync(file, `${JSON.stringify({ thread: isMainThread ? 'main' : 'worker', bytes })}\n`);
}

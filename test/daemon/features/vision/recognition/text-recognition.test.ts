// The child that reads text, as the daemon has it: started when it is needed, ended where nobody waits, and with a sentence for what is missing.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, describe, it } from 'mocha';
import { CancelledError, UserError } from '../../../../../daemon/base/errors.ts';
import { decodePicture } from '../../../../../daemon/features/vision/decode/decode.ts';
import { TextRecognition } from '../../../../../daemon/features/vision/recognition/text-recognition.ts';
import { silentLog } from '../../../storage/open-storage.ts';

const source = (path: string): string => fileURLToPath(new URL(`../../../../../${path}`, import.meta.url));
const picture = (name: string): Buffer => readFileSync(new URL(`./pictures/${name}.png`, import.meta.url));
const never = new AbortController().signal;

describe('text recognition', () => {
  let folder: string;
  let languages: string[];
  let recognition: TextRecognition;

  const open = (): TextRecognition =>
    new TextRecognition({
      hostPath: source('daemon/features/vision/recognition/host.ts'),
      pictures: { pixels: (bytes) => decodePicture(bytes) },
      languages: () => languages,
      log: silentLog,
    });

  before(() => {
    languages = ['eng'];
    folder = mkdtempSync(join(realpathSync(tmpdir()), 'sy-ocr-'));
    recognition = open();
  });
  after(async () => {
    await recognition[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    languages = ['eng'];
  });

  it('reads pictures one after the other, in one process', async () => {
    const expected = readFileSync(new URL('./pictures/one-line.txt', import.meta.url), 'utf8').trimEnd();
    const bytes = picture('one-line');
    const [first, second] = await Promise.all(
      [1, 2].map(() => recognition.read({ bytes, name: 'one-line.png' }, never)),
    );
    assert.deepEqual([first?.text, second?.text, first?.lines.length], [expected, expected, 1]);
  });

  it('ends at once when it is cancelled, and reads the next one', async () => {
    await using own = open();
    const stop = new AbortController();
    const reading = own.read({ bytes: picture('dark-14'), name: 'dark-14.png' }, stop.signal);
    await started(own);
    stop.abort();
    await assert.rejects(reading, CancelledError);
    assert.equal(own.pid, undefined, 'nothing reads on');
    assert.match((await own.read({ bytes: picture('one-line'), name: 'x' }, never)).text, /^const answer/);
  });

  it('takes data that the user names, under the name of its file', async () => {
    const path = join(folder, 'own.traineddata.gz');
    writeFileSync(path, readFileSync(source('node_modules/@tesseract.js-data/eng/4.0.0_best_int/eng.traineddata.gz')));
    languages = [path];
    assert.match((await recognition.read({ bytes: picture('one-line'), name: 'x' }, never)).text, /^const answer/);
  });

  const missing: readonly { name: string; says: RegExp }[] = [
    { name: 'deu', says: /no data for the language "deu".*deu\.traineddata/ },
    { name: '/no/such/deu.traineddata', says: /\/no\/such\/deu\.traineddata doesn't exist/ },
    { name: 'deu.traineddata', says: /isn't a full path/ },
    { name: '/etc/hosts', says: /must end in \.traineddata/ },
    { name: '../x', says: /must end in \.traineddata/ },
  ];
  for (const { name, says } of missing)
    it(`says what is missing: ${name}`, async () => {
      languages = ['eng', name];
      await assert.rejects(
        recognition.read({ bytes: picture('one-line'), name: 'x' }, never),
        (error) => error instanceof UserError && error.code === 'no-language' && says.test(error.message),
      );
    });

  it('ends in a sentence where data are damaged, and works again with whole ones', async () => {
    const path = join(folder, 'bad.traineddata');
    writeFileSync(path, 'no data');
    languages = [path];
    await assert.rejects(recognition.read({ bytes: picture('one-line'), name: 'x' }, never), {
      code: 'recognition-failed',
    });
    languages = ['eng'];
    assert.match((await recognition.read({ bytes: picture('one-line'), name: 'x' }, never)).text, /^const answer/);
  });
});

/** Its process, as soon as there is one. */
async function started(recognition: TextRecognition): Promise<number> {
  while (recognition.pid === undefined) await new Promise((resolve) => setImmediate(resolve));
  return recognition.pid;
}

// The process that decodes pictures: what reaches it, what it may do, and what is said when it fails.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { PictureChild } from '../../../../daemon/features/vision/child.ts';
import { png, pngChunk, pngHeader } from '../../../fakes/pictures/png.ts';
import { never } from '../../models/providers/adapters.ts';
import { silentLog } from '../../storage/open-storage.ts';

const at = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const ownHost = at('daemon/features/vision/host.ts');
const curiousHost = at('test/fakes/peers/curious-host.ts');

function childOf(hostPath = ownHost, isEnabled = true): PictureChild {
  return new PictureChild({ hostPath, isEnabled: () => isEnabled, log: silentLog });
}

const pixel = (x: number, y: number): number[] => [(x * 5) % 256, (y * 9) % 256, 40];
const whole = png({ width: 90, height: 60, colorType: 2, depth: 8, pixel });
const options = { name: 'shot.png', signal: never };

describe('the child that decodes pictures', () => {
  it('makes a picture ready for a model, and gives its pixels', async () => {
    await using child = childOf();
    const { image, facts } = await child.prepare(whole, options);
    assert.deepEqual([image.mediaType, image.width, facts.height], ['image/png', 90, 60]);
    const grid = await child.pixels(whole, options);
    assert.deepEqual([...grid.rgba.subarray(0, 8)], [0, 0, 40, 255, 5, 0, 40, 255]);
  });

  it('is not even started for what its header refuses', async () => {
    await using child = childOf(at('no-such-host.ts'));
    const bomb = pngHeader({ width: 40_000, height: 40_000, colorType: 2, depth: 8 });
    const sentence = /^shot\.png has 40,000 × 40,000 pixels/;
    const file = Buffer.concat([bomb, pngChunk('IDAT', Buffer.alloc(1000))]);
    await assert.rejects(child.prepare(file, options), { code: 'bad-picture', message: sentence });
    await assert.rejects(child.pixels(Buffer.from('text'), options), { code: 'bad-picture' });
  });

  it('says in a sentence what is wrong with a picture', async () => {
    await using child = childOf();
    const broken = whole.subarray(0, whole.length - 60);
    const message = /^shot\.png can't be read: .*\. Save it again, and attach that\.$/;
    await assert.rejects(child.prepare(broken, options), { code: 'bad-picture', message });
    assert.equal((await child.prepare(whole, options)).isAnimated, false); // and goes on
  });

  it('may read the files of the program, and do nothing else', async function () {
    if (!process.allowedNodeEnvironmentFlags.has('--permission')) return this.skip();
    await using child = childOf(curiousHost);
    assert.deepEqual(await child.prepare(whole, options), []);
  });

  it('that crashes costs the picture it was at, and the next one has a new process', async () => {
    await using child = childOf(curiousHost);
    await assert.rejects(child.pixels(whole, options), { code: 'bad-picture', message: /^The picture can't be read/ });
    await child.prepare(whole, options);
  });

  it('that can not start is named as what is missing', async () => {
    await using child = childOf(at('no-such-host.ts'));
    await assert.rejects(child.prepare(whole, options), { code: 'no-vision-part', message: /doesn't start/ });
    const { ok, detail } = await child.examine(never);
    assert.deepEqual([ok, /doesn't start/.test(detail)], [false, true]);
  });

  it('that is turned off says how to turn it on', async () => {
    await using child = childOf(ownHost, false);
    await assert.rejects(child.prepare(whole, options), {
      code: 'no-vision-part',
      message: /turned off in config\.json/,
    });
    assert.deepEqual(await child.examine(never), { ok: true, detail: 'off, as set in config.json' });
  });

  it('ends with the picture that nobody wants any more', async () => {
    await using child = childOf();
    const stop = new AbortController();
    const asked = child.prepare(whole, { name: 'shot.png', signal: stop.signal });
    setImmediate(() => stop.abort());
    await assert.rejects(asked, CancelledError);
    assert.equal(child.pid, undefined);
  });
});

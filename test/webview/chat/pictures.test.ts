// Pictures in the composer: what is taken and what is refused by its header, and that nothing of their bytes outlives the page.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { maxPictureBytes } from '../../../shared/pictures.ts';
import { base64Of } from '../../../webview/chat/pictures/bytes.ts';
import { readPicture } from '../../../webview/chat/pictures/read-picture.ts';
import type { Effect, ViewMessage } from '../../../webview/chat/state/messages.ts';
import { initialState, type State, savedOf, shownEntries, toSavedState } from '../../../webview/chat/state/state.ts';
import type { DraftPicture } from '../../../webview/chat/state/transcript.ts';
import { update } from '../../../webview/chat/state/update.ts';

const place = { name: 'shot.png', uri: 'dropped:shot.png' };
const marker = 'UNSEEN-BYTES';

/** The beginning of a PNG of this size, and bytes that can be looked for. */
function png(width: number, height: number): Uint8Array<ArrayBuffer> {
  const header = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
  const size = Buffer.alloc(17);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return new Uint8Array(Buffer.concat([header, size, Buffer.from(marker)]));
}

/** A JPEG's beginning whose camera was held upright. */
const upright = new Uint8Array(
  Buffer.concat([
    Buffer.from('ffd8ffe10022', 'hex'),
    Buffer.from('Exif\0\0MM\0*\0\0\0\b', 'latin1'),
    Buffer.from('00010112000300000001000600000000', 'hex'),
    Buffer.alloc(2),
    Buffer.from('ffc0001108', 'hex'),
    Buffer.from('00c80190', 'hex'),
    Buffer.alloc(8),
  ]),
);

async function taken(bytes: Uint8Array<ArrayBuffer>, type = 'image/png', at = place): Promise<DraftPicture> {
  const read = await readPicture(new Blob([bytes], { type }), at);
  assert.ok(read && 'picture' in read, JSON.stringify(read));
  return read.picture;
}

function given(state: State, ...messages: ViewMessage[]): [State, readonly Effect[]] {
  return messages.reduce<[State, readonly Effect[]]>(([before], message) => [...update(before, message)], [state, []]);
}
const connected = given(initialState, { type: 'hello', host: 'vscode', actions: ['copy'] })[0];
const give = (...pictures: DraftPicture[]): ViewMessage => ({
  type: 'files-given',
  attachments: [],
  pictures,
  refusals: [],
});

describe('a picture that is given to the composer', () => {
  it('is known by its bytes, whatever its sender calls it, and by its size as it is seen', async () => {
    const { mediaType, width, height, blob } = await taken(png(1200, 800), 'text/plain');
    assert.deepEqual([mediaType, width, height, blob.type], ['image/png', 1200, 800, 'image/png']);
    const turned = await taken(upright, 'image/jpeg');
    assert.deepEqual([turned.width, turned.height], [200, 400]);
  });

  for (const [what, bytes, type, refusal] of [
    ['of no kind that models read', new Uint8Array([0x42, 0x4d, 1, 2]), 'image/bmp', /isn't a PNG, JPEG, GIF, or WebP/],
    ['cut off in its header', png(10, 10).slice(0, 20), 'image/png', /or it's damaged/],
    ['of more pixels than a decoder may make room for', png(40_000, 40_000), 'image/png', /32 megapixels/],
    ['of more bytes than may be sent', new Uint8Array(maxPictureBytes + 1), 'image/png', /up to 20 MB/],
  ] as const) {
    it(`is refused with a sentence when it is ${what}`, async () => {
      const read = await readPicture(new Blob([bytes], { type }), place);
      assert.ok(read && 'refusal' in read);
      assert.match(read.refusal, refusal);
      assert.match(read.refusal, /^shot\.png /);
    });
  }

  it('is none where a file is text, even a drawing in text', async () => {
    for (const type of ['text/plain', 'image/svg+xml', ''])
      assert.equal(await readPicture(new Blob(['<svg/>'], { type }), place), undefined, type);
  });

  it('has its bytes in base64 as they are, however many there are', async () => {
    const bytes = new Uint8Array(100_003).map((_, index) => index * 7);
    assert.equal(await base64Of(new Blob([bytes])), Buffer.from(bytes).toString('base64'));
  });
});

describe('the view, with pictures', () => {
  it('sends them with the question, and shows them with it', async () => {
    const picture = await taken(png(10, 10));
    const [state, effects] = given(connected, give(picture), { type: 'submit', at: 1 });
    assert.deepEqual(
      effects.flatMap((effect) => (effect.kind === 'send' ? effect.turn.pictures : [])),
      [picture],
    );
    assert.deepEqual(shownEntries(state)[0]?.pictures, [picture]);
    assert.equal(state.draft.pictures, undefined);
  });

  it('keeps one of two pictures of a name apart, and takes a file of the workspace once', async () => {
    const pasted = await taken(png(1, 1));
    const file = await taken(png(2, 2), 'image/png', { name: 'a.png', uri: 'file:///a.png' });
    const [state] = given(connected, give(pasted, pasted, file), give(file, pasted));
    assert.deepEqual(
      state.draft.pictures?.map(({ name }) => name),
      ['shot.png', 'shot-2.png', 'a.png', 'shot-3.png'],
    );
  });

  it('refuses more than a question may have, with a sentence', async () => {
    const picture = await taken(png(1, 1));
    const many = Array.from({ length: 11 }, () => picture);
    const large = { ...picture, blob: { size: maxPictureBytes } as Blob };
    for (const [pictures, kept, why] of [
      [many, 10, /up to 10 pictures/],
      [[large, large, large], 2, /up to 40 MB together/],
    ] as const) {
      const [state] = given(connected, give(...pictures));
      assert.equal(state.draft.pictures?.length, kept);
      assert.match(state.problem ?? '', why);
    }
  });

  it('gives the keyboard back to the composer when one is removed', async () => {
    const picture = await taken(png(1, 1));
    const [state, effects] = given(connected, give(picture), { type: 'picture-removed', index: 0 });
    assert.deepEqual(state.draft, { text: '', attachments: [] });
    assert.deepEqual(effects, [{ kind: 'focus-composer' }]);
  });

  it('saves their names and none of their bytes, in whichever chat they wait, and says so when it comes back', async () => {
    const picture = await taken(png(10, 10));
    const chat = { type: 'open-chat', chatId: 'c1' } as const;
    const stored = {
      kind: 'image',
      uri: 'dropped:old%20one.png',
      text: '',
      picture: { ...thumbnail, mediaType: 'image/png' },
    } as const;
    const draft = { ...connected.draft, attachments: [stored] };
    const [state] = given({ ...connected, draft }, give(picture), chat, give(picture));
    const saved = JSON.parse(JSON.stringify(savedOf(state)));
    assert.doesNotMatch(JSON.stringify(saved), /base64|UNSEEN|thumbnail/);
    const [restored] = given(initialState, { type: 'restored', saved: toSavedState(saved) ?? {} });
    assert.deepEqual(restored.draft.lostPictures, ['shot.png']);
    assert.deepEqual(restored.drafts['']?.lostPictures, ['old one.png', 'shot.png']);
    assert.equal(given(restored, { type: 'lost-pictures-dismissed' })[0].draft.lostPictures, undefined);
  });
});

const thumbnail = {
  hash: '0'.repeat(64),
  width: 1,
  height: 1,
  sizeBytes: 1,
  thumbnail: 'data:image/png;base64,AAAA',
};

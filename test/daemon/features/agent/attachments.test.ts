// What goes along with a task: texts as material, and pictures, which are seen in every turn and stored nowhere.
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'mocha';
import { AttachedPictures } from '../../../../daemon/features/vision/attached.ts';
import { imagesOf } from '../../../../daemon/models/providers/provider.ts';
import { defaultProfile } from '../../../../daemon/storage/profiles.ts';
import { type AgentBench, agentBench, type BenchOptions, call } from './bench.ts';

const image = { mediaType: 'image/png' as const, data: 'UGljdHVyZQ==', width: 40, height: 30 };
const facts = {
  ...{ hash: 'ab'.repeat(32), mediaType: 'image/png' as const, width: 40, height: 30, sizeBytes: 7 },
  thumbnail: 'data:image/webp;base64,AAAA',
};
const attachments = [
  { kind: 'image' as const, uri: 'dropped:mock.png', text: '', data: image.data },
  { kind: 'terminal' as const, uri: 'terminal:build', text: 'error: no such flag' },
];

describe('what goes along with a task', () => {
  let at: AgentBench | undefined;
  afterEach(() => at?.close());

  function bench(script: BenchOptions['script']): { at: AgentBench; pictures: AttachedPictures } {
    const pictures = new AttachedPictures({
      pictures: { prepare: async () => ({ image, facts, isAnimated: true }) },
    });
    at = agentBench({ script, files: { 'a.ts': 'export const a = 1;\n' }, deps: { pictures } });
    return { at, pictures };
  }
  const seen = ({ model }: AgentBench) => model.requests.map(({ messages }) => imagesOf(messages).length);
  const told = ({ model }: AgentBench) => JSON.stringify(model.requests.at(-1)?.messages);

  it('is seen in every turn, and stored without the bytes of pictures', async () => {
    const { at } = bench([[call('read', { path: 'a.ts' })], ['Done.']]);
    const { chatId } = await at.run({ task: 'Make it look so.', attachments });
    assert.deepEqual(seen(at), [1, 1]);
    assert.match(told(at), /Attached image: mock\.png, 40 × 30 pixels.*error: no such flag/);
    const { items } = await at.storage.chats.messages(chatId, {});
    assert.deepEqual(
      items[0]?.attachments?.map(({ kind, picture }) => [kind, picture?.hash]),
      [
        ['image', facts.hash],
        ['terminal', undefined],
      ],
    );
    assert.doesNotMatch(JSON.stringify(items), new RegExp(image.data));
    assert.ok(at.parts.some((part) => part.kind === 'note' && /first frame of mock\.png/.test(part.text)));
  });

  it('is not seen any more by a run that goes on much later, which says so', async () => {
    const { at, pictures } = bench([[call('read', { path: 'a.ts' })], [new Error('It broke.')]]);
    await assert.rejects(at.run({ task: 'Make it look so.', attachments }));
    pictures.forget(defaultProfile);
    at.restart([['Done.']]);
    const started = at.parts.find((part) => part.kind === 'started');
    await at.jobs.resume(defaultProfile, started?.kind === 'started' ? started.jobId : '', at.caller());
    assert.deepEqual(seen(at), [0]);
    assert.match(told(at), /You can't see mock\.png any more/);
    assert.ok(at.parts.some((part) => part.kind === 'note' && /Pictures aren't stored/.test(part.text)));
  });

  it('leaves out nothing that is kept from models: it is refused', async () => {
    const { at } = bench([['Done.']]);
    const kept = { kind: 'file' as const, uri: `file://${at.root}/.env`, text: 'KEY=1' };
    await assert.rejects(at.run({ task: 'Read it.', attachments: [kept] }), { code: 'ignored-file' });
    assert.equal(at.model.requests.length, 0);
  });
});

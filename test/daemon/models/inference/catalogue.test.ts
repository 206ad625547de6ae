// The list of models to download, sized to a machine.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { catalogue, sizeDownloads } from '../../../../daemon/models/inference/catalogue.ts';
import { fileName } from '../../../../daemon/models/inference/download.ts';

describe('the catalogue', () => {
  it('names files that can be downloaded, each once, smallest first', () => {
    const names = sizeDownloads('https://hub.example').map(({ url }) => fileName(url));
    assert.equal(new Set(names).size, catalogue.length);
    assert.equal(new Set(catalogue.map(({ id }) => id)).size, catalogue.length);
    assert.deepEqual(
      catalogue.toSorted((a, b) => a.sizeBytes - b.sizeBytes),
      catalogue,
    );
  });

  it('has what completes code, with the words between which it does, and what ranks', () => {
    const completing = catalogue.filter(({ roles }) => roles.includes('completion'));
    assert.ok(completing.length >= 4);
    assert.ok(completing.every(({ fim, roles }) => fim !== undefined && !roles.includes('chat')));
    assert.ok(catalogue.some(({ roles }) => roles.includes('rerank')));
  });

  it('has what sees pictures, a small one too, and it chats', () => {
    const seeing = catalogue.filter(({ roles }) => roles.includes('vision'));
    assert.ok(seeing.some(({ sizeBytes }) => sizeBytes < 0.5e9));
    assert.ok(seeing.every(({ roles }) => roles.includes('chat'))); // else no question would reach it
  });

  it('marks what fits into the memory, with both numbers', () => {
    const fitting = (memoryBytes: number) =>
      sizeDownloads('https://hub.example', memoryBytes)
        .filter(({ fits, roles }) => fits && roles.includes('chat'))
        .map(({ id }) => id);
    assert.deepEqual(fitting(0.1e9), []);
    assert.deepEqual(fitting(0.5e9), ['smollm2-135m']);
    assert.deepEqual(fitting(4.5e9), [
      'smollm2-135m',
      'smolvlm-256m',
      'qwen2.5-coder-0.5b',
      'qwen2.5-coder-1.5b',
      'qwen3-vl-2b',
      'qwen3-4b-instruct',
    ]);
    assert.equal(fitting(64e9).length, catalogue.filter(({ roles }) => roles.includes('chat')).length);
    assert.match(
      sizeDownloads('https://hub.example', 4.5e9).at(-1)?.why ?? '',
      /about 21\.0 GB of memory, but this machine has only 4\.5 GB/,
    );
  });
});

// The model that a machine without any is offered first.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { sizeDownloads } from '../../../daemon/models/inference/catalogue.ts';
import { suggestedDownload } from '../../../webview/chat/suggested-download.ts';

describe('the model that is offered first', () => {
  const machines: [memoryBytes: number, expected: string | undefined][] = [
    [64e9, 'qwen3-4b-instruct'],
    [3.2e9, 'qwen2.5-coder-1.5b'],
    [1.2e9, 'qwen2.5-coder-0.5b'],
    [0.3e9, undefined],
  ];
  for (const [memoryBytes, expected] of machines)
    it(`is ${expected ?? 'none'} where ${memoryBytes / 1e9} GB of memory are available`, () =>
      assert.equal(suggestedDownload(sizeDownloads('https://hub.example', memoryBytes))?.id, expected));
});

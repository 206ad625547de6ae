// Which projector belongs to which model, by the names of a folder's files.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chooseProjector, ownProjectorName } from '../../../../daemon/models/seeing/projector.ts';

const cases: { what: string; model: string; others: string[]; projector: string | undefined }[] = [
  {
    what: 'the one that is called after it, in another quantization',
    model: 'SmolVLM-256M-Instruct-Q8_0.gguf',
    others: ['mmproj-SmolVLM-256M-Instruct-f16.gguf', 'mmproj-granite-docling-258M-Q8_0.gguf', 'coder.gguf'],
    projector: 'mmproj-SmolVLM-256M-Instruct-f16.gguf',
  },
  {
    what: 'whose name ends in mmproj',
    model: 'granite-docling-258M-Q4_K_M.gguf',
    others: ['granite-docling-258M.mmproj-Q8_0.gguf', 'coder.gguf'],
    projector: 'granite-docling-258M.mmproj-Q8_0.gguf',
  },
  {
    what: 'eight bits of several',
    model: 'Qwen3VL-2B-Q4_K_M.gguf',
    others: ['mmproj-Qwen3VL-2B-F32.gguf', 'mmproj-Qwen3VL-2B-F16.gguf', 'mmproj-Qwen3VL-2B-Q8_0.gguf'],
    projector: 'mmproj-Qwen3VL-2B-Q8_0.gguf',
  },
  {
    what: 'one that is called after nothing, beside the only model',
    model: 'llava.gguf',
    others: ['mmproj-model-f16.gguf'],
    projector: 'mmproj-model-f16.gguf',
  },
  {
    what: 'none that is called after nothing, beside several models',
    model: 'llava.gguf',
    others: ['mmproj-F16.gguf', 'coder.gguf'],
    projector: undefined,
  },
  {
    what: "none that is called after a larger model's name",
    model: 'SmolVLM-256M.gguf',
    others: ['mmproj-SmolVLM-500M.gguf'],
    projector: undefined,
  },
  { what: 'none where there is none', model: 'coder.gguf', others: ['chat.gguf'], projector: undefined },
];

describe('the projector of a model', () => {
  for (const { what, model, others, projector } of cases)
    it(`is ${what}`, () => assert.equal(chooseProjector(model, [...others, model]), projector));

  it('is kept under the name of its model where it has none of its own', () => {
    assert.equal(ownProjectorName('Qwen3-VL-2B-Q4_K_M.gguf', 'mmproj-BF16.gguf'), 'mmproj-Qwen3-VL-2B-Q4_K_M.gguf');
    assert.equal(ownProjectorName('SmolVLM-Q8_0.gguf', 'mmproj-SmolVLM-f16.gguf'), 'mmproj-SmolVLM-f16.gguf');
    assert.equal(
      chooseProjector('Qwen3-VL-2B-Q4_K_M.gguf', ['mmproj-Qwen3-VL-2B-Q4_K_M.gguf', 'coder.gguf']),
      'mmproj-Qwen3-VL-2B-Q4_K_M.gguf',
    );
  });
});

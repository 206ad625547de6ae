// The page of a picture that was made: it loads nothing, and a prompt or a model's name is text in it, whatever it says.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { picturePage } from '../../../extension/pictures/picture-page.ts';

const image = { mediaType: 'image/png', data: 'iVBORw0KGgo=' };

describe('the page of a picture', () => {
  it('shows the picture, the prompt, the model, and the price', () => {
    const page = picturePage({ image, model: 'openai/gpt-image-1.5', prompt: 'A lighthouse', cost: 0.05 }, 'nonce');
    for (const part of [
      'src="data:image/png;base64,iVBORw0KGgo="',
      '<p>A lighthouse</p>',
      'openai/gpt-image-1.5 · $0.05',
    ])
      assert.ok(page.includes(part), part);
    assert.ok(picturePage({ image, model: 'lab/x', prompt: 'x' }, 'nonce').includes('lab/x · Not priced'));
  });

  for (const hostile of [
    '<img src=x onerror=alert(1)>',
    '"><script>alert(1)</script>',
    "' onload='alert(1)",
    '</p><meta http-equiv="refresh" content="0;url=https://elsewhere">',
  ])
    it(`takes for text: ${hostile}`, () => {
      const page = picturePage({ image: { ...image, data: hostile }, model: hostile, prompt: hostile }, 'nonce');
      const clean = picturePage({ image, model: 'm', prompt: 'p' }, 'nonce');
      for (const mark of ['<', '"'])
        assert.equal(page.split(mark).length, clean.split(mark).length, `no further ${mark} in the page`);
    });
});

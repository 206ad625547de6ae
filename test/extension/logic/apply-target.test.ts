// Where the code of a chat answer goes.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chooseApplyTarget } from '../../../extension/logic/apply-target.ts';

describe('code from a chat', () => {
  const fileText = 'import a from "a";\n\nexport function add(x, y) {\n  return x - y;\n}\n';

  it('replaces the selection, if there is one', () => {
    assert.equal(chooseApplyTarget({ hasSelection: true, fileText, code: fileText }), 'selection');
  });
  it('replaces the file when half of its lines stand in the code', () => {
    assert.equal(chooseApplyTarget({ hasSelection: false, fileText, code: fileText.replace('-', '+') }), 'file');
    assert.equal(chooseApplyTarget({ hasSelection: false, fileText: '', code: 'anything' }), 'file');
  });
  it('goes to the cursor when it is something else, brackets or not', () => {
    assert.equal(chooseApplyTarget({ hasSelection: false, fileText, code: 'function sub() {\n}\n' }), 'cursor');
  });
});

// Which blocks of an answer have an Apply button.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isApplicable } from '../../../webview/chat/message/applicable.ts';

describe('a block of an answer', () => {
  for (const language of ['ts', 'python', 'diff', 'json', 'shell', 'made-up'])
    it(`is applicable as ${language}`, () => assert.ok(isApplicable(language, 'pass')));
  for (const language of ['mermaid', 'text', 'plantuml', 'dot', 'markdown', 'console', 'output'])
    it(`is not applicable as ${language}`, () => assert.ok(!isApplicable(language, 'graph TD; a-->b')));
  it('without a name is applicable when it looks like code', () => {
    assert.ok(isApplicable('code', 'return a + b;'));
    assert.ok(isApplicable('code', '-a\n+b'));
    assert.ok(!isApplicable('code', 'Open the file and look at the second line.'));
  });
});

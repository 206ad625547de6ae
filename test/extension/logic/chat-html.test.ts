// The chat page's policy: one script by nonce, and nothing from anywhere else.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { chatHtml } from '../../../extension/logic/chat-html.ts';

const page = chatHtml({
  scriptUri: 'https://view.example/dist/webview/chat.js?a=1&b="2"',
  cspSource: 'https://view.example',
  nonce: 'abc123',
});
const policy = new Map(
  (/http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '')
    .split('; ')
    .map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1)]),
);

describe('the chat page', () => {
  it('allows nothing by default, and no connection, frame or form at all', () => {
    assert.deepEqual(policy.get('default-src'), ["'none'"]);
    assert.deepEqual(policy.get('form-action'), ["'none'"]);
    for (const rule of ['connect-src', 'frame-src', 'object-src', 'media-src', 'worker-src'])
      assert.equal(policy.get(rule), undefined);
  });
  it('runs scripts by nonce alone', () => {
    assert.deepEqual(policy.get('script-src'), ["'nonce-abc123'"]);
    assert.equal(page.match(/<script/g)?.length, 1);
    assert.match(page, /<script nonce="abc123"/);
  });
  it('loads images, fonts and styles from its own resources only', () => {
    for (const rule of ['img-src', 'font-src', 'style-src']) {
      assert.deepEqual(
        policy.get(rule)?.filter((source) => source !== 'https://view.example' && !source.startsWith("'nonce-")),
        [],
      );
    }
    assert.doesNotMatch(page, /unsafe/);
  });
  it('cannot be broken out of by an address', () => {
    assert.match(page, /src="https:\/\/view\.example\/dist\/webview\/chat\.js\?a=1&amp;b=&quot;2&quot;"/);
  });
  it('has its texts in the language of the editor, and still one script', () => {
    const words = { language: 'de', texts: { 'New chat': 'Neuer Chat' } };
    const german = chatHtml({ scriptUri: 'chat.js', cspSource: 'https://view.example', nonce: 'abc123', words });
    assert.match(german, /<html lang="de">/);
    assert.match(german, /<meta name="words" content="\{&quot;New chat&quot;:&quot;Neuer Chat&quot;\}">/);
    assert.equal(german.match(/<script/g)?.length, 1);
    assert.match(page, /<html lang="en">/);
  });
});

// One list of what nobody sees, for terminals, logs, notifications and code.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { cleanCode, cleanMessage } from '../../daemon/base/clean-text.ts';
import { UserError } from '../../daemon/base/errors.ts';
import { clean } from '../../daemon/cli/kit/terminal.ts';
import { Session } from '../../daemon/sessions/session.ts';
import { escapeHidden, hiddenIn, hiddenWarning } from '../../shared/hidden-characters.ts';

const members: Readonly<Record<string, string>> = {
  'a control character': '\u001b',
  'a C1 control character': '\u009b',
  'a right-to-left override': '\u202e',
  'an isolate': '\u2066',
  'the Arabic letter mark': '\u061c',
  'a direction mark': '\u200f',
  'a zero-width space': '\u200b',
  'a joiner between letters': '\u200d',
  'a non-joiner between letters': '\u200c',
  'a word joiner': '\u2060',
  'a soft hyphen': '\u00ad',
  'a line separator': '\u2028',
  'a paragraph separator': '\u2029',
  'a byte order mark': '\ufeff',
  'a tag character': '\u{e0041}',
  'a supplementary variation selector': '\u{e0100}',
  'a Hangul filler': '\u3164',
};

function shownBy(method: string, message: string): unknown {
  const sent: unknown[] = [];
  new Session(1, { notify: (_method, params) => sent.push(params), ask: async () => null }, 0).peer.notify(method, {
    type: 3,
    message,
  });
  return (sent[0] as { message: unknown }).message;
}

const outlets: Readonly<Record<string, (text: string) => unknown>> = {
  'the terminal': clean,
  'code of a finding': cleanCode,
  'an error': (text) => new UserError('x', text).message,
  'a notification': (text) => shownBy('window/showMessage', text),
  'a line of the log': (text) => shownBy('window/logMessage', text),
};

describe('a hidden character', () => {
  for (const [name, character] of Object.entries(members)) {
    for (const [outlet, pass] of Object.entries(outlets))
      it(`reaches ${outlet} in no text: ${name}`, () => assert.equal(pass(`ab${character}cd`), 'abcd'));
    it(`is gone from a message: ${name}`, () => assert.ok(!cleanMessage(`ab${character}cd`, 99).includes(character)));
    it(`is told before code is copied: ${name}`, () => {
      assert.match(hiddenWarning(`a\nb${character}c`) ?? '', /U\+[0-9A-F]{4,6} in line 2/);
      assert.deepEqual(
        hiddenIn(`b${character}c`).map(({ index }) => index),
        [1],
      );
    });
    it(`is an escape in JSON, which says the same: ${name}`, () => {
      const json = escapeHidden(JSON.stringify({ text: `a${character}b` }));
      assert.match(json, /^[ -~]+$/);
      assert.deepEqual(JSON.parse(json), { text: `a${character}b` });
    });
  }

  it('is none in text that people write', () => {
    for (const text of [
      'two\nlines\twith tabs\r\n',
      'family 👩‍👩‍👧, heart ❤️, flag 🏴, thumb 👍🏽‍🦰',
      'می‌خواهم',
      'क्‍ष',
      'שלום עולם, مرحبا',
      '葛󠄀'.slice(0, 1),
      'ä ß İ ﬁ',
    ])
      assert.deepEqual(hiddenIn(text), [], text);
    assert.equal(hiddenWarning('const a = 1;'), undefined);
  });

  it('is counted where there are many', () => assert.match(hiddenWarning('\u200b'.repeat(9)) ?? '', /, and 6 more\. /));
});

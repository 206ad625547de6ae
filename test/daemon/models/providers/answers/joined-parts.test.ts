// Words that came in one packet are one part, and nothing that stood before a failure is lost by that.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { AnswerDecoder, type AnswerParser } from '../../../../../daemon/models/providers/answers/decoder.ts';
import type { Fields } from '../../../../../daemon/models/providers/answers/shapes.ts';
import type { StreamPart } from '../../../../../daemon/models/providers/provider.ts';

/** Each object is a part as it stands. */
class PartParser implements AnswerParser {
  readonly finish = undefined;
  readonly isOver = false;

  *read(object: Fields): Generator<StreamPart> {
    yield object as unknown as StreamPart;
  }

  *last(): Generator<StreamPart> {}
}

const text = (words: string): StreamPart => ({ kind: 'text', text: words });
const reasoning = (words: string): StreamPart => ({ kind: 'reasoning', text: words });
const warning: StreamPart = { kind: 'warning', message: 'careful' };

/** The parts, and in the end what was thrown. */
function read(...packets: string[]): (StreamPart | string)[] {
  const decoder = new AnswerDecoder(new PartParser(), (said) => new Error(`the server said ${JSON.stringify(said)}`));
  const told: (StreamPart | string)[] = [];
  try {
    for (const packet of packets) for (const part of decoder.push(new TextEncoder().encode(packet))) told.push(part);
  } catch (error) {
    told.push(error instanceof SyntaxError ? 'no JSON' : (error as Error).message);
  }
  return told;
}

const packetOf = (...events: (StreamPart | string)[]): string =>
  events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');

describe('a packet of many events', () => {
  const cases: [what: string, events: (StreamPart | string)[], told: (StreamPart | string)[]][] = [
    ['words', [text('one '), text('two '), text('three')], [text('one two three')]],
    ['reasoning', [reasoning('hm'), reasoning(', well')], [reasoning('hm, well')]],
    ['reasoning and words', [reasoning('hm'), text('a'), text('b')], [reasoning('hm'), text('ab')]],
    ['words around another part', [text('a'), warning, text('b')], [text('a'), warning, text('b')]],
    [
      'words before a failure',
      [text('a'), text('b'), '{"error":"full"}'],
      [text('ab'), 'the server said {"error":"full"}'],
    ],
    ['words before something that is no JSON', [text('a'), text('b'), 'oops'], [text('ab'), 'no JSON']],
    ['words before the end', [text('a'), text('b'), '[DONE]', text('c')], [text('ab')]],
  ];
  for (const [what, events, told] of cases) {
    it(`gives ${what} in as few parts as there are kinds in a row`, () => {
      assert.deepEqual(read(packetOf(...events)), told);
    });
  }

  it('does not wait for the next one', () => {
    assert.deepEqual(read(packetOf(text('one ')), packetOf(text('two'))), [text('one '), text('two')]);
  });
});

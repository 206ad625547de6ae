// Server-sent events, whatever splits them: by the rules of the standard, and the same at every split.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ErrorEvent, EventReader } from '../../../../../daemon/models/providers/answers/events.ts';

function read(packets: readonly Uint8Array[]): string[] {
  const reader = new EventReader();
  return packets
    .flatMap((packet) => reader.push(packet))
    .map((event) => (event instanceof ErrorEvent ? `failure: ${event.data}` : event));
}

describe('server-sent events', () => {
  const cases: readonly [what: string, stream: string, data: string[]][] = [
    ['line feeds', 'data: one\n\ndata:two\n\n', ['one', 'two']],
    ['returns', 'data: one\r\rdata: two\r\rdata: three\r\r', ['one', 'two', 'three']],
    ['both', 'data: one\r\n\r\ndata: two\r\n\r\n', ['one', 'two']],
    ['a mix of them', 'data: one\n\r\ndata: two\r\n\ndata: three\r\n\r\n', ['one', 'two', 'three']],
    ['a byte order mark', '\u{feff}data: one\n\n', ['one']],
    ['characters of several bytes', 'data: ä€😀\n\n', ['ä€😀']],
    ['data of several lines', 'data: one\ndata\ndata:  two\n\n', ['one\n\n two']],
    [
      'comments, names and ids',
      ': hello\nevent: chunk\nid: 7\nretry: 3\ndata: one\ndatabase: no\n\n: bye\n\n',
      ['one'],
    ],
    ['a name that says that it is a failure', 'event: error\ndata: one\n\ndata: two\n\n', ['failure: one', 'two']],
    ['a failure as a field of its own', 'error: one\n\ndata: two\n\n', ['failure: one', 'two']],
    ['a name apart from its data', 'event: chunk\n\ndata: one\n\n', ['one']],
    ['an end in the middle of an event', 'data: one\n\ndata: lost\n', ['one']],
  ];
  for (const [what, stream, data] of cases) {
    it(`with ${what}`, () => {
      const bytes = new TextEncoder().encode(stream);
      assert.deepEqual(read([bytes]), data);
      assert.deepEqual(read(Array.from(bytes, (byte) => Uint8Array.of(byte))), data);
      for (let at = 1; at < bytes.length; at++)
        assert.deepEqual(read([bytes.subarray(0, at), bytes.subarray(at)]), data, `split at ${at}`);
    });
  }

  it('a line without end takes time in proportion to its length', () => {
    const packet = new Uint8Array(16 * 1024).fill(0x61);
    const reader = new EventReader();
    for (let i = 0; i < 4096; i++) assert.deepEqual(reader.push(packet), []); // 64 MB: joined again for each packet it would take minutes
  });
});

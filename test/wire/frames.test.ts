// LSP framing: whole messages come out however the bytes are cut, and nothing that breaks the framing is let through.
import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { describe, it } from 'mocha';
import { FrameReader, FramingError, frame } from '../../daemon/rpc/frames.ts';
import { maxHelloBytes, takeLine } from '../../daemon/rpc/hello.ts';
import { createTransport } from '../../daemon/rpc/transport.ts';

const messages = [{ id: 1, method: 'a' }, {}, { text: 'ä😀\r\n\r\nContent-Length: 5\r\n\r\n' }, { list: [1, 2, 3] }];
const stream = Buffer.concat(messages.map(frame));

function readAll(...chunks: Buffer[]): unknown[] {
  const reader = new FrameReader();
  return chunks.flatMap((chunk) => reader.push(chunk)).map(({ body }) => JSON.parse(body.toString()) as unknown);
}

describe('FrameReader', () => {
  it('finds the same messages wherever a stream is cut in two', () => {
    for (let cut = 0; cut <= stream.length; cut++)
      assert.deepEqual(readAll(stream.subarray(0, cut), stream.subarray(cut)), messages);
  });

  it('finds them byte by byte, and in pieces of every size', () => {
    for (let size = 1; size < stream.length; size++) {
      const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) =>
        stream.subarray(i * size, (i + 1) * size),
      );
      assert.deepEqual(readAll(...chunks), messages);
    }
  });

  it('hands on each frame as it came, header included', () => {
    const odd = Buffer.from('content-type: x; charset=utf-8\r\nCONTENT-LENGTH:\t2  \r\n\r\n{}');
    const [first] = new FrameReader().push(odd);
    assert.deepEqual([first?.raw, first?.body], [odd, Buffer.from('{}')]);
  });

  it('takes an empty body', () => {
    assert.equal(new FrameReader().push(Buffer.from('Content-Length: 0\r\n\r\n'))[0]?.body.length, 0);
  });

  for (const header of [
    'Content-Length: -1',
    'Content-Length: 1e3',
    'Content-Length: 0x10',
    'Content-Length: ',
    'Content-Length: 1 2',
    'Content-Length: 9999999999999999',
    'Content-Type: text',
    'X'.repeat(4096),
  ]) {
    it(`refuses ${header.slice(0, 40)}`, () => {
      assert.throws(() => new FrameReader().push(Buffer.from(`${header}\r\n\r\n{}`)), FramingError);
    });
  }

  it('refuses a header without an end before it has taken much memory', () => {
    const reader = new FrameReader();
    assert.throws(() => {
      for (let i = 0; i < 100; i++) reader.push(Buffer.alloc(100, 'x'));
    }, FramingError);
  });
});

describe('takeLine', () => {
  it('waits for the newline, keeps what comes behind it, and gives up on a line that is too long', () => {
    assert.equal(takeLine(Buffer.from('{"token"')), undefined);
    assert.deepEqual(takeLine(Buffer.from('{}\nrest')), { line: '{}', rest: Buffer.from('rest') });
    assert.equal(takeLine(Buffer.alloc(maxHelloBytes + 1, 'x')), false);
    assert.equal(takeLine(Buffer.from(`${'x'.repeat(maxHelloBytes + 1)}\n`)), false);
  });
});

describe('a peer that never reads', () => {
  it('is let go before it fills our memory', async () => {
    const output = new Writable({ write() {} }); // takes the first bytes and asks for no more
    const connection = createTransport({ input: new PassThrough(), output, onBroken() {} });
    const closed = new Promise<void>((resolve) => connection.onClose(resolve));
    connection.listen();
    const megabyte = 'x'.repeat(1024 * 1024);
    let sent = 0;
    while (!output.destroyed && sent < 1000) {
      await connection.sendNotification('window/logMessage', { type: 3, message: megabyte });
      sent++;
    }
    await closed;
    assert.ok(sent < 200, `${sent} MB were kept`);
  });
});

// Bytes that no client should send. Whatever one connection says, the others get their answers, and nothing counts as a bug of ours.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { frame } from '../../daemon/rpc/frames.ts';
import { ChatList } from '../../shared/protocol/chat.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import { randomNumbers } from '../fakes/gguf-file.ts';
import { Home } from './home.ts';
import { openEditor } from './lsp-client.ts';
import { type Answer, connectRaw, hello, RawClient } from './raw-client.ts';

type Editor = Awaited<ReturnType<typeof openEditor>>;

const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const framed = (body: string | Buffer): Buffer =>
  Buffer.concat([Buffer.from(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`), Buffer.from(body)]);
const request = (fields: string): Buffer => framed(`{"jsonrpc":"2.0",${fields}}`);

describe('hostile bytes on one connection never hurt another', () => {
  let home: Home;
  let editor: Editor;

  before(async () => {
    home = new Home();
    editor = await openEditor(home);
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
  });

  /** Runs an attack while the editor asks on, and checks what is left of it. */
  async function attackedBy(attack: () => Promise<unknown>): Promise<void> {
    let over = false;
    const witness = (async () => {
      do assert.equal((await editor.call(DaemonStatus, {})).pid, editor.daemon);
      while (!over);
    })();
    await Promise.all([
      attack().finally(() => {
        over = true;
      }),
      witness,
    ]);
    await editor.call(ChatList, {});
    const bugs = readFileSync(home.paths.logFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"bug"'));
    assert.deepEqual(bugs, []);
  }

  describe('framing that cannot be followed ends the connection that broke it', () => {
    for (const [what, bytes] of Object.entries({
      'a negative length': 'Content-Length: -5\r\n\r\n{}',
      'a length of ten gigabytes': 'Content-Length: 9999999999\r\n\r\n{}',
      'a length of many digits': 'Content-Length: 99999999999999999999\r\n\r\n{}',
      'a length in words': 'Content-Length: two\r\n\r\n{}',
      'a header without a length': 'Content-Type: x\r\n\r\n{}',
      'a header without an end': 'x'.repeat(10_000),
      zeros: Buffer.alloc(10_000),
    })) {
      it(what, () => attackedBy(async () => connectRaw(home).say(bytes).closed));
    }

    it('half a frame, and then nothing', () =>
      attackedBy(async () => {
        const peer = connectRaw(home).say('Content-Length: 1000\r\n\r\n{"jsonrpc"');
        await peer.welcomes.find('the welcome');
        peer.leave();
      }));
  });

  describe('a message that is none is answered with an error', () => {
    const requestError = -32_600;
    const rows: Record<string, [bytes: Buffer, code: number]> = {
      'not JSON': [framed('{"jsonrpc": '), -32_700],
      'a byte order mark': [framed('\uFEFF{}'), -32_700],
      'no bytes at all': [framed(''), -32_700],
      'a batch': [framed('[{"jsonrpc":"2.0","id":1,"method":"switchyard/daemon/status"}]'), requestError],
      'a number': [framed('1'), requestError],
      null: [framed('null'), requestError],
      'a million brackets': [framed(deep(1_000_000)), requestError],
      'an object as id': [request('"id":{"a":1},"method":"switchyard/daemon/status"'), requestError],
      'an array as id': [request('"id":[1],"method":"switchyard/daemon/status"'), requestError],
      'null as id': [request('"id":null,"method":"switchyard/daemon/status"'), requestError],
      'true as id': [request('"id":true,"method":"switchyard/daemon/status"'), requestError],
      'a number as method': [request('"id":1,"method":5'), requestError],
      'a cancellation of nothing': [request('"method":"$/cancelRequest"'), requestError],
      'a cancellation with null': [request('"method":"$/cancelRequest","params":null'), requestError],
      'a cancellation of an object': [request('"method":"$/cancelRequest","params":{"id":{}}'), requestError],
      'a cancellation by a list': [request('"method":"$/cancelRequest","params":[1]'), requestError],
    };
    for (const [what, [bytes, code]] of Object.entries(rows)) {
      it(what, () =>
        attackedBy(async () => {
          const peer = connectRaw(home).say(bytes);
          assert.equal((await peer.answers.find('an error')).error?.code, code);
          assert.ok((await initialize(peer)).result, 'the connection itself goes on');
          peer.leave();
        }),
      );
    }
  });

  describe('a request with the wrong content is answered with the right error', () => {
    const rows: Record<string, [Buffer, (answer: Answer) => void]> = {
      'a number as text': [
        request('"id":9,"method":"switchyard/chat/send","params":{"text":5}'),
        isError(-32_602, /^text: /),
      ],
      'a list as params': [
        request('"id":9,"method":"switchyard/chat/send","params":["a","b"]'),
        isError(-32_602, /^params: /),
      ],
      'a text as params': [
        request('"id":9,"method":"switchyard/chat/send","params":"text"'),
        isError(-32_602, /^params: /),
      ],
      'no params': [request('"id":9,"method":"switchyard/chat/messages"'), isError(-32_602, /^chatId: /)],
      'an empty list as params': [request('"id":9,"method":"switchyard/daemon/status","params":[]'), isResult],
      'a line before the first': [
        request(
          '"id":9,"method":"textDocument/codeAction","params":{"textDocument":{"uri":"a"},"range":{"start":{"line":-1,"character":0},"end":{"line":0,"character":0}},"context":{"diagnostics":[]}}',
        ),
        isError(-32_602, /^range\.start\.line: /),
      ],
      '__proto__ among params': [
        request(
          '"id":9,"method":"switchyard/chat/list","params":{"__proto__":{"limit":"x"},"constructor":{"prototype":{"polluted":true}}}',
        ),
        isResult,
      ],
      '__proto__ as method': [request('"id":9,"method":"__proto__","params":{}'), isError(-32_601)],
      'constructor as method': [request('"id":9,"method":"constructor","params":{}'), isError(-32_601)],
      '__proto__ as command': [
        request('"id":9,"method":"workspace/executeCommand","params":{"command":"__proto__"}'),
        isError(-32_803, /no command/),
      ],
      '__proto__ as chat': [
        request('"id":9,"method":"switchyard/chat/messages","params":{"chatId":"__proto__"}'),
        isError(-32_803),
      ],
      'depth in a field that is not read': [
        request(`"id":9,"method":"switchyard/chat/list","params":{"more":${deep(1_000_000)}}`),
        isResult,
      ],
      'depth in a field that is sent back': [
        request(`"id":9,"method":"codeAction/resolve","params":{"title":"x","data":${deep(100_000)}}`),
        isError(-32_603),
      ],
      'bytes that are not UTF-8': [
        framed(
          Buffer.concat([
            Buffer.from('{"jsonrpc":"2.0","id":9,"method":"switchyard/chat/list","params":{"someday":"'),
            Buffer.from([0xff, 0xc0, 0xed, 0xa0, 0x80]),
            Buffer.from('"}}'),
          ]),
        ),
        isResult,
      ],
      'an unknown method of a megabyte': [request(`"id":9,"method":"${'m'.repeat(1_000_000)}"`), isError(-32_601)],
    };
    for (const [what, [bytes, isRight]] of Object.entries(rows)) {
      it(what, () =>
        attackedBy(async () => {
          const peer = connectRaw(home);
          await initialize(peer);
          peer.say(bytes);
          isRight(await peer.answers.find('the answer', ({ id }) => id === 9));
          peer.leave();
        }),
      );
    }

    it('before initialize every request is told to wait', () =>
      attackedBy(async () => {
        const peer = connectRaw(home);
        const answers = await Promise.all(
          [
            'switchyard/daemon/status',
            'switchyard/keys/list',
            'switchyard/daemon/shutdown',
            'textDocument/diagnostic',
          ].map((method, id) => peer.ask({ id, method, params: {} })),
        );
        assert.deepEqual(
          answers.map(({ error }) => error?.code),
          [-32_002, -32_002, -32_002, -32_002],
        );
        peer.leave();
      }));

    it('notifications of the wrong shape change nothing', () =>
      attackedBy(async () => {
        const peer = connectRaw(home);
        await initialize(peer);
        for (const method of [
          'textDocument/didOpen',
          'textDocument/didChange',
          'textDocument/didClose',
          '$/setTrace',
          '$/progress',
          '$/logTrace',
          'constructor',
        ]) {
          for (const params of [
            'null',
            '[]',
            '5',
            '[1,2,3]',
            '{"textDocument":null}',
            '{"textDocument":{"uri":"a","version":1},"contentChanges":[{"range":{"start":{"line":1e9,"character":1e9},"end":{"line":0,"character":0}},"text":"x"}]}',
            '{"token":{}}',
          ]) {
            peer.say(request(`"method":"${method}","params":${params}`));
          }
          peer.say(request(`"method":"${method}"`));
        }
        peer
          .send({ id: 1, result: {} })
          .send({ id: 'x', error: 'none' })
          .send({ id: null, error: null })
          .send({ id: 7 });
        assert.ok((await peer.ask({ id: 2, method: 'switchyard/chat/list', params: {} })).result);
        peer.leave();
      }));

    it('ten thousand unknown methods get ten thousand answers', () =>
      attackedBy(async () => {
        const peer = connectRaw(home);
        await initialize(peer);
        peer.say(
          Buffer.concat(
            Array.from({ length: 10_000 }, (_, id) => frame({ jsonrpc: '2.0', id, method: `unknown/${id}` })),
          ),
        );
        await peer.answers.find('the last answer', ({ id }) => id === 9999);
        assert.equal(peer.answers.items.filter(({ error }) => error?.code === -32_601).length, 10_000);
        peer.leave();
      }));
  });

  describe('who does not greet properly is not let in', () => {
    for (const [what, say, code] of [
      ['a wrong token', () => hello(home, { token: 'f'.repeat(64) }), 'wrong-token'],
      ['an empty token', () => hello(home, { token: '' }), 'wrong-token'],
      ['another wire', () => hello(home, { wire: 99 }), 'wrong-wire'],
      ['a line without an end', () => 'x'.repeat(10_000), 'bad-hello'],
      [
        'LSP right away',
        () => framed('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}').toString(),
        'bad-hello',
      ],
      ['null', () => 'null\n', 'bad-hello'],
      ['a build that is none', () => `${JSON.stringify({ token: 'x', wire: 1, build: null })}\n`, 'bad-hello'],
    ] as const) {
      it(what, () =>
        attackedBy(async () => {
          const peer = new RawClient(home).say(say());
          const welcome = await peer.welcomes.find('the refusal');
          assert.equal(welcome.ok ? 'welcome' : welcome.code, code);
          peer.send({ id: 1, method: 'switchyard/daemon/shutdown', params: { force: true } });
          await peer.closed;
          assert.deepEqual(peer.answers.items, []);
        }),
      );
    }

    it('a line of a megabyte, which is not read to its end', () =>
      attackedBy(async () => {
        const peer = new RawClient(home).say(`${'x'.repeat(1_000_000)}\n`);
        await peer.closed;
        assert.ok(peer.welcomes.items.every(({ ok }) => !ok));
      }));

    it('nothing at all, for five seconds', () =>
      attackedBy(async () => {
        const silent = Array.from({ length: 50 }, () => new RawClient(home));
        await Promise.all(silent.map(({ closed }) => closed));
      }));
  });

  it('two thousand damaged messages, the same ones each time', () =>
    attackedBy(async () => {
      const random = randomNumbers(20);
      for (let round = 0; round < 200; round++) {
        const peer = connectRaw(home);
        await peer.welcomes.find('the welcome');
        if (round % 2 === 0) await initialize(peer);
        for (let i = 0; i < 10; i++)
          peer.say(damaged(seeds[Math.floor(random() * seeds.length)] ?? (seeds[0] as Buffer), random));
        if (round % 4 < 2) peer.socket.end();
        else peer.leave();
        await peer.closed;
      }
    }));
});

async function initialize(peer: RawClient): Promise<Answer> {
  return await peer.ask({
    id: 'initialize',
    method: 'initialize',
    params: { capabilities: {}, clientInfo: { name: 'stranger' } },
  });
}

function isError(code: number, message = /./): (answer: Answer) => void {
  return ({ error }) => {
    assert.equal(error?.code, code, JSON.stringify(error));
    assert.match(error.message, message);
  };
}

function isResult(answer: Answer): void {
  assert.ok(answer.result !== undefined, JSON.stringify(answer));
}

const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 4 } };
const textDocument = { uri: 'file:///a/b.ts', languageId: 'typescript', version: 1, text: 'let a = 1;\n' };
const seeds = [
  {
    id: 1,
    method: 'initialize',
    params: {
      capabilities: { window: { workDoneProgress: true } },
      workspaceFolders: [{ uri: 'file:///a', name: 'a' }],
    },
  },
  { method: 'textDocument/didOpen', params: { textDocument } },
  { method: 'textDocument/didChange', params: { textDocument, contentChanges: [{ range, text: 'var' }] } },
  {
    id: 2,
    method: 'textDocument/codeAction',
    params: { textDocument, range, context: { diagnostics: [{ range, message: 'm' }] } },
  },
  {
    id: 3,
    method: 'workspace/executeCommand',
    params: { command: 'switchyard.action', arguments: [{ kind: 'fix', uri: textDocument.uri, range }] },
  },
  {
    id: 4,
    method: 'switchyard/chat/send',
    params: { text: 'hello', attachments: [{ kind: 'file', uri: 'file:///a', text: 'x' }] },
  },
  { id: 5, method: 'switchyard/chat/list', params: { limit: 10, cursor: 'AAAA' } },
  {
    id: 6,
    method: 'switchyard/review/run',
    params: { textDocument, range, partialResultToken: 't', workDoneToken: 'w' },
  },
  { method: '$/cancelRequest', params: { id: 6 } },
  { id: 'switchyard-replay', result: { a: 1 } },
].map((message) => frame({ jsonrpc: '2.0', ...message }));

/** A frame with a few bytes changed, left out or doubled; its header sometimes right again. */
function damaged(original: Buffer, random: () => number): Buffer {
  const bytes = Buffer.from(original);
  const at = (): number => Math.floor(random() * bytes.length);
  for (let changes = 1 + Math.floor(random() * 4); changes > 0; changes--) bytes[at()] = Math.floor(random() * 256);
  const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
  const choice = random();
  if (choice < 0.6) return framed(body);
  if (choice < 0.7) return framed(Buffer.concat([body, body]));
  if (choice < 0.85) return bytes.subarray(0, at());
  return bytes;
}

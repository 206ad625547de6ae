// What a forwarder remembers of its editor, so that a new daemon can be told.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, it } from 'mocha';
import { ClientMirror } from '../../../daemon/rpc/client-mirror.ts';
import { FrameReader } from '../../../daemon/rpc/frames.ts';
import { introducedFolders } from '../../../daemon/sessions/folders.ts';

const body = (message: object): Buffer => Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message }));
const initialize = {
  id: 1,
  method: 'initialize',
  params: { capabilities: {}, initializationOptions: { switchyard: {} as { profile?: string } } },
};

function introduced(): ClientMirror {
  const mirror = new ClientMirror();
  mirror.fromEditor(body(initialize));
  mirror.fromDaemon(body({ id: 1, result: {} }));
  mirror.fromEditor(body({ method: 'initialized', params: {} }));
  return mirror;
}

function replayed(mirror: ClientMirror): Record<string, unknown>[] {
  const reader = new FrameReader();
  return mirror
    .replay()
    .flatMap((bytes) => reader.push(bytes))
    .map((frame) => JSON.parse(frame.body.toString()) as Record<string, unknown>);
}

describe('the mirror of an editor', () => {
  it('replays the handshake under an id of its own, whose answer the editor never sees', () => {
    const mirror = introduced();
    const [first, second] = replayed(mirror);
    assert.deepEqual(
      [first?.['method'], first?.['params'], second?.['method']],
      ['initialize', initialize.params, 'initialized'],
    );
    assert.notEqual(first?.['id'], 1);
    assert.equal(mirror.fromDaemon(body({ id: first?.['id'], result: {} })), 'drop');
    assert.ok(mirror.knowsSwitchyard);
  });

  it('replays the handshake with the profile that the editor has switched to, once it has', () => {
    const mirror = introduced();
    const profileOf = () =>
      (replayed(mirror)[0]?.['params'] as typeof initialize.params | undefined)?.initializationOptions.switchyard
        .profile;
    mirror.fromEditor(body({ id: 7, method: 'switchyard/profile/use', params: { profile: 'Work' } }));
    assert.equal(profileOf(), undefined);
    mirror.fromDaemon(body({ id: 7, error: { code: -32803, message: 'There is no such profile.' } }));
    assert.equal(profileOf(), undefined);
    mirror.fromEditor(body({ id: 8, method: 'switchyard/profile/use', params: { profile: 'Work' } }));
    mirror.fromDaemon(body({ id: 8, result: { profile: { id: 'p1', name: 'Work' } } }));
    assert.equal(profileOf(), 'p1');
  });

  it('replays a handshake that was never answered as it was, for the editor still waits', () => {
    const mirror = new ClientMirror();
    assert.deepEqual([mirror.hasBegun, replayed(mirror)], [false, []]);
    mirror.fromEditor(body(initialize));
    assert.deepEqual(replayed(mirror), [{ jsonrpc: '2.0', ...initialize }]);
    assert.equal(mirror.takeInitializing(), 1);
    assert.equal(mirror.takeInitializing(), undefined, 'it is answered once');
  });

  it('replays the settings as they are now, before any document', () => {
    const mirror = introduced();
    for (const policy of ['best', 'cheapest'])
      mirror.fromEditor(
        body({ method: 'workspace/didChangeConfiguration', params: { settings: { switchyard: { policy } } } }),
      );
    mirror.fromEditor(
      body({
        method: 'textDocument/didOpen',
        params: { textDocument: { uri: 'a', languageId: 'x', version: 1, text: '' } },
      }),
    );
    assert.deepEqual(
      replayed(mirror).map(({ method }) => method),
      ['initialize', 'initialized', 'workspace/didChangeConfiguration', 'textDocument/didOpen'],
    );
    assert.deepEqual(replayed(mirror)[2]?.['params'], { settings: { switchyard: { policy: 'cheapest' } } });
  });

  it('replays each open document as it stands, and none that was closed or that it lost track of', () => {
    const mirror = introduced();
    for (const uri of ['a', 'b', 'c'])
      mirror.fromEditor(
        body({
          method: 'textDocument/didOpen',
          params: { textDocument: { uri, languageId: 'x', version: 1, text: 'one\r\ntwo' } },
        }),
      );
    const start = { line: 1, character: 0 };
    mirror.fromEditor(
      body({
        method: 'textDocument/didChange',
        params: {
          textDocument: { uri: 'a', version: 2 },
          contentChanges: [
            { range: { start, end: start }, text: '😀' },
            { range: { start, end: { line: 1, character: 2 } }, text: '' },
            { range: { start: { line: 0, character: 0 }, end: start }, text: '' },
          ],
        },
      }),
    );
    mirror.fromEditor(body({ method: 'textDocument/didClose', params: { textDocument: { uri: 'b' } } }));
    mirror.fromEditor(
      body({
        method: 'textDocument/didChange',
        params: { textDocument: { uri: 'c', version: 2 }, contentChanges: [{ range: 'nonsense', text: 'x' }] },
      }),
    );
    const documents = replayed(mirror)
      .slice(2)
      .map(({ params }) => (params as { textDocument: object }).textDocument);
    assert.deepEqual(documents, [{ uri: 'a', languageId: 'x', version: 2, text: 'two' }]);
  });

  const [here, other] = [pathToFileURL(resolve('/shop/a@b')).href, pathToFileURL(resolve('/shop/other')).href];
  const encoded = here.replace('@', '%40');
  const folderRows: Record<string, [object, { added?: object[]; removed?: object[] }, string[]]> = {
    'one more': [{ workspaceFolders: [{ uri: here }] }, { added: [{ uri: other }] }, [here, other]],
    'one less, by another spelling': [{ workspaceFolders: [{ uri: here }] }, { removed: [{ uri: encoded }] }, []],
    'one again, by another spelling': [{ workspaceFolders: [{ uri: here }] }, { added: [{ uri: encoded }] }, [here]],
    'one beside `rootUri`': [{ rootUri: here }, { added: [{ uri: other }] }, [here, other]],
    'one beside `rootPath`': [{ rootPath: resolve('/shop/a@b') }, { added: [{ uri: other }] }, [here, other]],
    'none instead of `rootUri`': [{ rootUri: encoded, workspaceFolders: null }, { removed: [{ uri: here }] }, []],
    'one that is none': [{ workspaceFolders: [null, { uri: here }] }, { added: [{}, { uri: 5 }] as object[] }, [here]],
  };
  for (const [change, [folders, event, expected]] of Object.entries(folderRows)) {
    it(`replays the folders as they are now: ${change}`, () => {
      const mirror = new ClientMirror();
      mirror.fromEditor(body({ ...initialize, params: { ...initialize.params, ...folders } }));
      mirror.fromDaemon(body({ id: 1, result: {} }));
      mirror.fromEditor(body({ method: 'workspace/didChangeWorkspaceFolders', params: { event } }));
      const params = replayed(mirror)[0]?.['params'] as Parameters<typeof introducedFolders>[0];
      assert.deepEqual(introducedFolders(params), expected);
    });
  }

  it('replays no document that was closed or changed under another spelling of its name', () => {
    const mirror = introduced();
    for (const uri of [here, other])
      mirror.fromEditor(body({ method: 'textDocument/didOpen', params: { textDocument: { uri, text: 'a' } } }));
    mirror.fromEditor(body({ method: 'textDocument/didClose', params: { textDocument: { uri: encoded } } }));
    mirror.fromEditor(
      body({
        method: 'textDocument/didChange',
        params: { textDocument: { uri: other.replace('o', '%6F') }, contentChanges: [{ text: 'b' }] },
      }),
    );
    const documents = replayed(mirror).flatMap(({ method, params }) =>
      method === 'textDocument/didOpen'
        ? [(params as { textDocument: { uri: string; text: string } }).textDocument]
        : [],
    );
    assert.deepEqual(
      documents.map(({ uri, text }) => [uri, text]),
      [[other, 'b']],
    );
  });

  it('knows which requests wait for an answer, and drops answers to a daemon that is gone', () => {
    const mirror = introduced();
    for (const id of [2, 'three', 4]) mirror.fromEditor(body({ id, method: 'm' }));
    mirror.fromDaemon(body({ id: 4, result: null }));
    mirror.fromDaemon(body({ id: 0, method: 'workspace/applyEdit' }));
    assert.deepEqual(mirror.takePending(), [2, 'three']);
    assert.deepEqual(mirror.takePending(), []);
    assert.equal(mirror.fromEditor(body({ id: 0, result: {} })), 'drop');
    mirror.fromDaemon(body({ id: 0, method: 'workspace/applyEdit' }));
    assert.equal(mirror.fromEditor(body({ id: 0, result: {} })), 'pass', 'the new daemon asked under the same id');
  });

  it('lets through what it cannot read: the daemon answers it', () => {
    const mirror = new ClientMirror();
    for (const bytes of [
      '',
      '{',
      '[]',
      'null',
      '5',
      '{"method":5}',
      '{"id":{},"method":"m"}',
      '{"method":"textDocument/didOpen","params":null}',
    ]) {
      assert.ok(['pass', 'mirrored'].includes(mirror.fromEditor(Buffer.from(bytes))), bytes);
    }
  });
});

// Whose network settings hold for a request, and what of them is hidden.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Config } from '../../../daemon/base/config/config.ts';
import { secretsIn } from '../../../daemon/base/config/secrets.ts';
import { workspaceUri } from '../../../daemon/base/config/workspace.ts';
import { Redactor } from '../../../daemon/base/log.ts';
import { withoutDiagnostics } from '../../../daemon/base/process/diagnostics.ts';
import { createNetwork } from '../../../daemon/sessions/network-settings.ts';
import { RequestContext } from '../../../daemon/sessions/request-context.ts';
import { Session } from '../../../daemon/sessions/session.ts';
import type { ClientOptions } from '../../../shared/protocol/daemon.ts';

function session(options: ClientOptions, id = 1): Session {
  const made = new Session(id, { notify() {}, ask: async () => undefined }, 0);
  made.options = options;
  return made;
}

describe('the network of a request', () => {
  const windows = [
    session({}),
    session({ proxy: 'http://one:1', noProxy: ['in.one'] }),
    session({ proxy: 'http://me:s3cret-pass@two:2', systemCertificates: false }),
  ];
  const requestContext = new RequestContext();
  const redactor = new Redactor();
  const networkOf = (config: object) =>
    createNetwork({
      config: () => Config.parse({ network: config }),
      sessions: { served: windows },
      requestContext,
      redactor,
    });
  const settingsFor = (window: Session | undefined, config: object = {}) =>
    window ? requestContext.run(window, () => networkOf(config).settings()) : networkOf(config).settings();

  it('is that of the window it is made for, and a window that says nothing has that of the first which does', () => {
    assert.deepEqual(settingsFor(windows[1]), { proxy: 'http://one:1', noProxy: ['in.one'] });
    assert.deepEqual(settingsFor(windows[2]), { proxy: 'http://me:s3cret-pass@two:2', systemCertificates: false });
    for (const window of [windows[0], undefined]) assert.equal(settingsFor(window).proxy, 'http://one:1');
    assert.equal(redactor.redact('through s3cret-pass'), 'through [key]');
  });

  it('is that of config.json before all of them, with the exceptions of both', () => {
    assert.deepEqual(settingsFor(windows[1], { proxy: '', noProxy: ['own'] }), {
      proxy: '',
      noProxy: ['own', 'in.one'],
    });
  });

  it('survives whatever a request waits for on its way', async () => {
    const found = await Promise.all(
      windows.slice(1).map((window) =>
        requestContext.run(window, async () => {
          await new Promise((resolve) => setTimeout(resolve, 1));
          async function* parts(): AsyncGenerator<string | undefined> {
            yield networkOf({}).settings().proxy;
          }
          for await (const part of parts()) return part;
          return undefined;
        }),
      ),
    );
    assert.deepEqual(found, ['http://one:1', 'http://me:s3cret-pass@two:2']);
    assert.equal(requestContext.session, undefined);
  });
});

describe('secrets of a configuration', () => {
  it('are its headers that let somebody in and the passwords in its addresses, and no ordinary words', () => {
    const config = Config.parse({
      network: { proxy: 'http://me:p%40ssword@proxy:1' },
      providers: {
        lab: {
          type: 'openai-compatible',
          baseUrl: 'http://x:hunter22@lab?token=query-token',
          headers: {
            'x-api-key': 'abc-def-1',
            'authorization-2': 'Bearer long-token-77',
            'x-title': 'My Editor',
            'api-version': '2023-06-01',
            'x-other': 'a1b2c3d4e5f6a7b8c9',
          },
        },
      },
    });
    const found = secretsIn(config);
    for (const secret of [
      'abc-def-1',
      'long-token-77',
      'a1b2c3d4e5f6a7b8c9',
      'p%40ssword',
      'p@ssword',
      btoa('me:p@ssword'),
      'hunter22',
      'query-token',
    ])
      assert.ok(found.includes(secret), secret);
    for (const word of ['My Editor', '2023-06-01']) assert.ok(!found.includes(word), word);
  });
});

describe("Node's diagnostics", () => {
  it("are taken out of a daemon's options, and nothing else is", () => {
    const options =
      '--max-old-space-size=512 --report-on-signal --heapsnapshot-signal SIGUSR2 --inspect-brk=0.0.0.0:1 --use-system-ca --report-dir /tmp --import ./x.mjs --heap-prof'.split(
        ' ',
      );
    assert.deepEqual(withoutDiagnostics(options), [
      '--max-old-space-size=512',
      '--use-system-ca',
      '--import',
      './x.mjs',
    ]);
  });
});

describe('a workspace', () => {
  it('has one name, however it is written', () => {
    const same: Record<string, readonly string[]> = {
      'file:///code/my%20app': [
        'file:///code/my%20app',
        'file:///code/my%20app/',
        'file:///code/my app',
        '/code/my app',
        '/code/other/../my app/',
      ],
      'vscode-remote://ssh-remote+host/code': [
        'vscode-remote://ssh-remote+host/code',
        'vscode-remote://ssh-remote+host/code/',
      ],
      'file:///': ['file:///', '/'],
    };
    if (process.platform === 'win32') return;
    for (const [name, spellings] of Object.entries(same))
      for (const spelling of spellings) assert.equal(workspaceUri(spelling), name, spelling);
  });
});

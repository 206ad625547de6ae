// The system's keychain, through a child process, since its native module can crash, or hang on a session bus that
// never answers. The secret travels through pipes, never in argv or the environment.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

export interface Keychain {
  /** The secret of an account; undefined when the keychain has none. Rejects when the keychain cannot be used. */
  read(account: string): Promise<string | undefined>;
  /** Stores a secret. Resolves when it was read back unchanged. */
  write(account: string, secret: string): Promise<void>;
  /** Removes the secret of an account, if there is one. */
  remove(account: string): Promise<void>;
}

const defaultTimeLimitMs = 10_000; // time for a person to unlock the keychain when the system asks

export function createKeychain(timeLimitMs = defaultTimeLimitMs): Keychain {
  return {
    async read(account) {
      const answer = await ask('read', account, '', timeLimitMs);
      return answer === '' ? undefined : answer;
    },
    async write(account, secret) {
      if ((await ask('write', account, secret, timeLimitMs)) !== secret)
        throw new Error('the keychain did not keep what was stored');
    },
    async remove(account) {
      await ask('remove', account, '', timeLimitMs);
    },
  };
}

// The child's whole program. On Linux the module would fall back to the kernel's keyring, which forgets at the next
// restart, so the Secret Service is required. The secret comes on stdin and goes on stdout.
const program = `
const [modulePath, action, account] = process.argv.slice(1);
const { Entry } = require(modulePath);
const entry = new Entry('switchyard', account, { linux: { store: 'secret-service' } });
if (action === 'remove') entry.deletePassword();
if (action === 'write') entry.setPassword(require('node:fs').readFileSync(0, 'utf8'));
if (action !== 'remove') process.stdout.write(entry.getPassword() ?? '');
`;

async function ask(
  action: 'read' | 'write' | 'remove',
  account: string,
  secret: string,
  timeLimitMs: number,
): Promise<string> {
  const modulePath = createRequire(import.meta.url).resolve('@napi-rs/keyring');
  const child = spawn(process.execPath, ['-e', program, modulePath, action, account], {
    env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, // the editor's own program is Node only with this
    timeout: timeLimitMs,
    killSignal: 'SIGKILL',
    windowsHide: true,
  });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = '';
  let errorOutput = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errorOutput += text));
  child.stdin.on('error', () => {}); // a child that ended early says why on stderr
  child.on('error', reject);
  child.on('close', (status, signal) => {
    if (status === 0) resolve(answer);
    else reject(new Error(signal ? `the keychain did not answer within ${timeLimitMs} ms` : reasonIn(errorOutput)));
  });
  child.stdin.end(secret);
  return promise;
}

/** The line of Node's report that names the error. */
function reasonIn(errorOutput: string): string {
  return (
    errorOutput
      .split('\n')
      .find((line) => /^\w*Error\b/.test(line))
      ?.slice(0, 300) ?? 'the keychain failed'
  );
}

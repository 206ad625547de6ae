// What the extension costs the editor: loading dist/extension/main.cjs and calling activate(), in a process of its own with a
// stand-in for the module `vscode`. There is no reference: the goal is an absolute time. What this cannot show is the editor's own
// part of the work; the editor tests print the number of the true extension host.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type RoundOptions, takeTurns } from './kit/measure.ts';
import { known, type Result } from './kit/report.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const activator = fileURLToPath(new URL('peers/activate.mjs', import.meta.url));

interface Activation {
  loadMs: number;
  activateMs: number;
  languageClientMs: number;
  natives: string[];
}

export async function run(options: RoundOptions): Promise<Result> {
  const activations: Activation[] = [];
  const { total } = await takeTurns(
    {
      async total() {
        const activation = await activateOnce();
        activations.push(activation);
        return activation.loadMs + activation.activateMs;
      },
    },
    options,
  );
  const counted = activations.slice(-options.rounds);
  const natives = new Set(activations.flatMap((activation) => activation.natives));
  return {
    rows: [
      { what: 'load and activate', unit: 'ms', rounds: total, goal: { of: 'value', atMost: 50 } },
      {
        what: 'of it activate()',
        unit: 'ms',
        rounds: counted.map(({ activateMs }) => [activateMs]),
        goal: { of: 'value', atMost: 30 },
      },
      {
        what: 'later: load the language client',
        unit: 'ms',
        rounds: counted.map(({ languageClientMs }) => [languageClientMs]),
      },
      { what: 'native modules loaded', unit: '', rounds: known(natives.size), goal: { of: 'value', atMost: 0 } },
    ],
    notes: [
      ...[...natives].map((file) => `Native module: ${file}`),
      'With a stand-in for the editor. The number of the real extension host is printed by `npm run test:editors`.',
    ],
  };
}

async function activateOnce(): Promise<Activation> {
  const { stdout } = await promisify(execFile)(process.execPath, [activator, root]);
  const activation = JSON.parse(stdout) as Activation;
  assert.equal(typeof activation.activateMs, 'number');
  return activation;
}

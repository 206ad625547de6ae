// What a keystroke costs the daemon in a document of 20,000 lines, with 50 findings that follow it. Reference: the same document without
// one. Each arm sends its keystrokes and then asks what is answered behind them. What stalls the daemon under load is `soak`'s.
import assert from 'node:assert/strict';
import type { MessageConnection } from 'vscode-jsonrpc/node';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import { Home, program } from '../process/home.ts';
import { type Arm, type RoundOptions, takeTurns, timed } from './kit/measure.ts';
import type { Result } from './kit/report.ts';
import { end, initialize, startServer } from './kit/servers.ts';

const lines = 20_000;
const findings = 50;
const keystrokes = 20; // a block's
const document = Array.from({ length: lines }, (_, line) => `value_${line} = compute(${line})`).join('\n');

export async function run(options: RoundOptions): Promise<Result> {
  await using server = await startOpenAiServer({ reply: { text: JSON.stringify({ findings: foundIn() }) } });
  await using home = new Home({
    providers: { lab: { type: 'openai-compatible', baseUrl: server.url, models: ['scripted'] } },
  });
  const daemon = startServer(home, [program, '--stdio', '--alone']);
  const { connection } = daemon;
  await initialize(connection);
  for (const uri of ['untitled:without', 'untitled:with'])
    await connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'plaintext', version: 1, text: document },
    });
  const review = await connection.sendRequest<{ findings: unknown[] }>('switchyard/review/run', {
    textDocument: { uri: 'untitled:with' },
  });
  assert.equal(review.findings.length, findings);
  const { bare, found } = await takeTurns(
    { bare: keystrokesIn('untitled:without', connection), found: keystrokesIn('untitled:with', connection) },
    { warmUp: 2, ...options },
  );
  await end(daemon);
  const against = { what: 'one without findings', rounds: bare };
  return {
    rows: [
      { what: 'keystroke, 20,000 lines without findings', unit: 'ms', rounds: bare },
      { what: 'the same with 50 findings', unit: 'ms', rounds: found, against, goal: { of: 'ratio', atMost: 2 } },
    ],
  };
}

function foundIn(): object[] {
  return Array.from({ length: findings }, (_, index) => ({
    line: index + 1,
    quote: `compute(${index})`,
    severity: 'error',
    category: `kind ${index}`,
    message: `Number ${index} is wrong, since ${'ab'[index % 2]?.repeat(3 + index)} is.`,
    replacement: null,
    confidence: 0.9,
  }));
}

/** Milliseconds of a keystroke: one of a block, until what was asked behind it is answered. What the block publishes once comes after. */
function keystrokesIn(uri: string, connection: MessageConnection): Arm {
  let version = 1;
  const at = { line: lines / 2, character: 0 };
  return async () => {
    const took = await timed(async () => {
      for (let i = 0; i < keystrokes; i++)
        await connection.sendNotification('textDocument/didChange', {
          textDocument: { uri, version: ++version },
          contentChanges: [{ range: { start: at, end: at }, text: 'z' }],
        });
      await connection.sendRequest('codeAction/resolve', { title: 'behind the keystrokes' });
    });
    return took / keystrokes;
  };
}

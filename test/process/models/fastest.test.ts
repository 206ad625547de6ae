// `switchyard chat --fastest`, through the whole product: two servers are asked at once, the one that answers first is taken, and
// the connection to the other is closed. Both are on loopback, and have a price: it counts.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import { Home } from '../home.ts';

const models = [{ name: 'scripted', price: { input: 1000, output: 1000 } }]; // a dollar for a thousand tokens

describe('the fastest answer', () => {
  it('is asked for by the user alone, closes the slower connection, and costs what was configured', async () => {
    await using slow = await startOpenAiServer({
      reply: { text: 'late', hold: { after: 'request', until: new Promise(() => {}) } },
    });
    await using quick = await startOpenAiServer({ reply: { text: 'Here.', usage: { input: 400, output: 100 } } });
    await using home = new Home({
      providers: {
        slow: { type: 'openai-compatible', baseUrl: slow.url, models },
        quick: { type: 'openai-compatible', baseUrl: quick.url, models },
      },
    });
    const { code, stdout, stderr } = await home.switchyard(['chat', 'hello', '--fastest', '--json']);
    assert.equal(code, 0, stderr);
    const { text, decision, cost, chatId } = JSON.parse(stdout) as {
      text: string;
      decision: { model: string; reason: string };
      cost: number;
      chatId: string;
    };
    assert.deepEqual(
      [text, decision.model, decision.reason, cost],
      ['Here.', 'quick/scripted', 'the fastest of 2 models asked at once', 0.5],
    );
    await slow.closedEarly();
    assert.deepEqual([slow.chats.length, quick.chats.length], [1, 1]);
    const costs = JSON.parse((await home.switchyard(['costs', '--by', 'chat', '--json'])).stdout) as {
      rows: { key: string; costUsd: number; requests: number; estimated: number }[];
    };
    const [row] = costs.rows;
    assert.deepEqual([costs.rows.length, row?.key, row?.requests, row?.estimated], [1, chatId, 2, 1]);
    assert.ok(
      (row?.costUsd ?? 0) > 0.5 && (row?.costUsd ?? 1) < 1,
      `the other's prompt at an estimate: ${row?.costUsd}`,
    );
  });
});

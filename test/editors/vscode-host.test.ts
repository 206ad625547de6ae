// The packaged extension inside VS Code's real extension host. The cases themselves are in host/cases.ts.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { configFor, startModel, surcharge } from './harness/flawed-code.ts';
import { Home } from './harness/home.ts';
import { until } from './harness/until.ts';
import { type CaseResult, runInExtensionHost } from './harness/vscode/extension-host.ts';
import { cases, slowFix } from './host/cases.ts';
import { chatAnswers, chatCases } from './host/chat-cases.ts';

describe('the extension, in a real extension host', () => {
  let home: Home;
  let model: ScriptedServer;
  let results: CaseResult[] = [];

  before(async () => {
    const typed = Promise.withResolvers<void>();
    model = await startModel([
      {
        when: slowFix.problem,
        reply: { text: ['```ts\n', `    ${surcharge.fixed}`, '\n```'], hold: { after: 2, until: typed.promise } },
      },
      { when: chatAnswers.plain.question, reply: chatAnswers.plain.answer },
      { when: chatAnswers.tool.question, reply: { toolCalls: [chatAnswers.tool.call] } },
      {
        when: chatAnswers.endless,
        reply: { text: 'On and on and on', hold: { after: 2, until: new Promise(() => {}) } },
      },
    ]);
    home = new Home(configFor(model));
    const workspace = home.workspace();
    let isOver = false;
    const hasTyped = () => isOver || existsSync(join(workspace, slowFix.mark));
    const answered = until('the case that types', hasTyped, 600_000).then(() => typed.resolve());
    results = await runInExtensionHost({ home, workspace }).finally(() => {
      isOver = true;
    });
    await answered;
  });

  after(async () => {
    await home?.end();
    await model?.close();
  });

  for (const name of Object.keys({ ...cases, ...chatCases })) {
    it(name, () => {
      const result = results.find((candidate) => candidate.name === name);
      for (const note of result?.notes ?? []) console.log(`      ${note}`);
      assert.ok(result, 'it did not run');
      assert.equal(result.error, undefined);
    });
  }

  it('tells the model of an answer that was cancelled in VS Code', async () => {
    await model.closedEarly();
  });
});

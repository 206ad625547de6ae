// The packaged extension inside VS Code's real extension host. The cases themselves are in host/cases.ts.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { ScriptedServer } from '../fakes/provider-servers/scripted-server.ts';
import { configFor, startModel } from './harness/flawed-code.ts';
import { Home } from './harness/home.ts';
import { type CaseResult, runInExtensionHost } from './harness/vscode/extension-host.ts';
import { cases } from './host/cases.ts';
import { chatAnswers, chatCases } from './host/chat-cases.ts';

describe('the extension, in a real extension host', () => {
  let home: Home;
  let model: ScriptedServer;
  let results: CaseResult[] = [];

  before(async () => {
    model = await startModel([
      { when: chatAnswers.plain.question, reply: chatAnswers.plain.answer },
      { when: chatAnswers.tool.question, reply: { toolCalls: [chatAnswers.tool.call] } },
      {
        when: chatAnswers.endless,
        reply: { text: 'On and on and on', hold: { after: 2, until: new Promise(() => {}) } },
      },
    ]);
    home = new Home(configFor(model));
    results = await runInExtensionHost({ home, workspace: home.workspace() });
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

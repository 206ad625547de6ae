// Two extension hosts: the packaged extension in VS Code's real one with its daemon and models, the workspace's files in the browser's.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import { configFor, filePath, flawedCodeIn, startModel } from '../harness/flawed-code.ts';
import { Home } from '../harness/home.ts';
import { type CaseResult, runInExtensionHost } from '../harness/vscode/extension-host.ts';
import { writeFilesElsewhere } from '../harness/vscode/files-elsewhere.ts';
import { chatAnswers } from './chat-cases.ts';
import { elsewhere, elsewhereCases } from './elsewhere-cases.ts';

describe('the extension, with the files in another extension host', () => {
  let home: Home;
  let model: ScriptedServer;
  let results: CaseResult[] = [];

  before(async () => {
    const { question, answer } = chatAnswers.plain;
    model = await startModel([{ when: question, reply: answer }]);
    home = new Home(configFor(model));
    const developed = join(home.root, 'elsewhere');
    writeFilesElsewhere(developed, elsewhere, { [filePath]: flawedCodeIn(home.workspace()) });
    const workspace = `${elsewhere}:/project`;
    results = await runInExtensionHost({ home, workspace, developed, suite: 'elsewhere-suite.ts' });
  });

  after(async () => {
    await home?.end();
    await model?.close();
  });

  for (const name of Object.keys(elsewhereCases))
    it(name, () => {
      const result = results.find((candidate) => candidate.name === name);
      assert.ok(result, 'it did not run');
      assert.equal(result.error, undefined);
    });
});

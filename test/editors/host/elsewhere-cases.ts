// What the extension is promised to do where the workspace's files are in another extension host, as in a remote window whose models are
// those of the user's own machine. Imported on both sides, as cases.ts is.
import assert from 'node:assert/strict';
import type * as VsCode from 'vscode';
import { filePath, overrun, surcharge } from '../harness/flawed-code.ts';
import type { Stage } from './cases.ts';
import { chatAnswers } from './chat-cases.ts';

/** Of the files that the other extension host has. */
export const elsewhere = 'elsewhere';

const uriIn = (vscode: typeof VsCode): VsCode.Uri => vscode.Uri.parse(`${elsewhere}:/project/${filePath}`);

export const elsewhereCases: Record<string, (stage: Stage) => Promise<void>> = {
  'runs in one host, and the files are in another': async ({ vscode }) => {
    assert.equal(vscode.workspace.workspaceFolders?.[0]?.uri.scheme, elsewhere);
    assert.equal(await vscode.commands.executeCommand('elsewhere.hasProcess'), false);
    assert.ok(process.pid > 0);
  },

  'answers with the models of the machine that it runs on': async ({ vscode }) => {
    const [model] = await vscode.lm.selectChatModels({ vendor: 'switchyard', id: 'auto' });
    assert.ok(model);
    const { question, answer } = chatAnswers.plain;
    const response = await model.sendRequest([vscode.LanguageModelChatMessage.User(question)]);
    let text = '';
    for await (const piece of response.text) text += piece;
    assert.equal(text, answer);
  },

  'reviews an open file of the workspace': async ({ vscode }) => {
    const uri = uriIn(vscode);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
    await vscode.commands.executeCommand('switchyard.reviewFile');
    const messages = vscode.languages
      .getDiagnostics(uri)
      .flatMap(({ source, message }) => (source === 'switchyard' ? message : []));
    assert.deepEqual(messages.toSorted(), [overrun.message, surcharge.message].toSorted());
  },

  'offers to fix what it found there': async ({ vscode }) => {
    const uri = uriIn(vscode);
    const [first] = vscode.languages.getDiagnostics(uri);
    const actions = await vscode.commands.executeCommand<VsCode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      uri,
      first?.range,
    );
    assert.ok(
      actions.some(({ title }) => /fix/i.test(title)),
      actions.map(({ title }) => title).join(),
    );
  },
};

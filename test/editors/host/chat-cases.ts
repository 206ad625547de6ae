// What VS Code's own language model API is promised of our models. Imported on both sides, as cases.ts is.
import assert from 'node:assert/strict';
import type * as VsCode from 'vscode';
import type { Stage } from './cases.ts';

/** The suite's model answers these. */
export const chatAnswers = {
  plain: { question: 'Say where the switches are.', answer: 'In the yard, all of them.' },
  /** Its answer never ends. */
  endless: 'Never finish this answer.',
  tool: { question: 'Use the tool of the yard.', call: { name: 'yard_throw', arguments: { switch: 7 } } },
};

export const chatCases: Record<string, (stage: Stage) => Promise<void>> = {
  'lists its models for any extension: the router, each policy, and each model': async ({ vscode }) => {
    const models = await vscode.lm.selectChatModels({ vendor: 'switchyard' });
    const ids = models.map(({ id }) => id);
    for (const id of ['auto', 'policy-cheapest', 'lab/scripted']) assert.ok(ids.includes(id), ids.join(', '));
  },

  'streams an answer through the daemon, and counts tokens': async ({ vscode }) => {
    const { question, answer } = chatAnswers.plain;
    const model = await modelIn(vscode, 'auto');
    const response = await model.sendRequest([vscode.LanguageModelChatMessage.User(question)]);
    const pieces = await all(response.text);
    assert.equal(pieces.join(''), answer);
    assert.equal(await model.countTokens('hello world'), 2);
  },

  'passes tool calls both ways': async ({ vscode }) => {
    const { question, call } = chatAnswers.tool;
    const model = await modelIn(vscode, 'lab/scripted');
    const tools = [{ name: call.name, description: 'Throws a switch.', inputSchema: { type: 'object' } }];
    const { User, Assistant } = vscode.LanguageModelChatMessage;
    const asked = User(question);
    const response = await model.sendRequest([asked], { tools });
    const [made] = (await all(response.stream)).filter((part) => part instanceof vscode.LanguageModelToolCallPart);
    assert.ok(made);
    assert.deepEqual([made.name, made.input], [call.name, call.arguments]);
    const result = new vscode.LanguageModelToolResultPart(made.callId, [
      new vscode.LanguageModelTextPart(chatAnswers.plain.question),
    ]);
    const next = await model.sendRequest([asked, Assistant([made]), User([result])], { tools });
    assert.equal((await all(next.text)).join(''), chatAnswers.plain.answer);
  },

  'stops an answer that is cancelled': async ({ vscode }) => {
    const model = await modelIn(vscode, 'auto');
    const life = new vscode.CancellationTokenSource();
    const response = await model.sendRequest(
      [vscode.LanguageModelChatMessage.User(chatAnswers.endless)],
      {},
      life.token,
    );
    const read = (async () => {
      for await (const _ of response.text) life.cancel();
    })();
    await read.catch(() => {}); // VS Code ends the stream, or fails it
    assert.ok(life.token.isCancellationRequested);
  },

  'gives agents its tools': async ({ vscode }) => {
    const ours = vscode.lm.tools.map(({ name }) => name).filter((name) => name.startsWith('switchyard_'));
    assert.deepEqual(ours.sort(), [
      'switchyard_review',
      'switchyard_search',
      'switchyard_searchCode',
      'switchyard_why',
    ]);
    const result = await vscode.lm.invokeTool('switchyard_why', { input: {}, toolInvocationToken: undefined });
    const [part] = result.content;
    assert.ok(part instanceof vscode.LanguageModelTextPart);
    assert.match(part.value, /: lab\/scripted, (?:by the policy|which was named)/);
  },
};

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const parts: T[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

async function modelIn(vscode: typeof VsCode, id: string): Promise<VsCode.LanguageModelChat> {
  const [model] = await vscode.lm.selectChatModels({ vendor: 'switchyard', id });
  assert.ok(model, `VS Code has no model ${id} of ours`);
  return model;
}

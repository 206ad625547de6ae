// The packaged extension with a real model, the smallest of the catalogue, on this machine's processor. Skipped where the model is not
// here: `npm run test:models` fetches it.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'mocha';
import { smallestModelPath } from '../models/smallest-model.ts';
import { VsCodeSuite } from './harness/vscode/suite.ts';

const model = smallestModelPath();
const suiteOf = existsSync(model) ? describe : describe.skip;

suiteOf('a real model in VS Code', () => {
  const suite = new VsCodeSuite({
    prepare: () => [],
    config: () => ({
      localModels: [model],
      localSettings: { '*': { temperature: 0 } },
      routing: { policy: 'local-only' },
    }),
  });

  it('answers a question, and is named under its answer', async () => {
    const chat = await suite.workbench.openChat();
    await chat.ask('What is the capital of France? Answer in one sentence.');
    const answer = await chat.answerWith('Paris');
    await chat.settled();
    assert.match(await answer.locator('footer').innerText(), /local\/SmolLM2/);
  });

  it('stops in the middle of an answer, and what it had written stays', async () => {
    const { chat } = suite.workbench;
    await chat.ask('Tell me a long story of a lighthouse keeper, with many details, in twenty paragraphs.');
    const answer = await chat.answerWith('lighthouse');
    await chat.stopButton.click();
    await chat.settled();
    await answer.getByText('Stopped').waitFor();
    assert.ok((await answer.getByText('lighthouse').count()) > 0);
  });
});

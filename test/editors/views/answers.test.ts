// What the chat view says of models and answers, in a real browser: why a model was chosen, thumbs, the picker, and stopping an
// answer that somebody else began.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Model } from '../../../shared/protocol/models.ts';
import { until } from '../harness/until.ts';
import { everyLook, lookName, ViewSuite } from '../harness/view-suite.ts';

const known = { capabilities: {}, source: 'server' as const };
const models: Model[] = [
  {
    ...known,
    id: 'local/coder-7b',
    provider: 'local',
    local: true,
    loaded: true,
    contextTokens: 32_768,
    health: { state: 'ok' },
  },
  { ...known, id: 'ollama/qwen3', provider: 'ollama', local: true, contextTokens: 40_960, health: { state: 'ok' } },
  {
    ...known,
    id: 'ollama/nomic-embed',
    provider: 'ollama',
    local: true,
    health: { state: 'ok' },
    unavailable: "It isn't a chat model.",
  },
  {
    ...known,
    id: 'openai/large',
    provider: 'openai',
    local: false,
    contextTokens: 1_000_000,
    price: { input: 3, output: 15 },
    health: { state: 'ok' },
    unavailable: "Today's budget is used up.",
  },
  {
    ...known,
    id: 'openai/small',
    provider: 'openai',
    local: false,
    contextTokens: 128_000,
    price: { input: 0.15, output: 0.6 },
    health: { state: 'ok' },
  },
  { ...known, id: 'lab/new', provider: 'lab', local: false, health: { state: 'unknown' } },
  {
    ...known,
    id: 'lab/old',
    provider: 'lab',
    local: false,
    health: { state: 'down' },
    unavailable: "lab/old failed several times in a row and isn't asked again until 10:42.",
  },
];

describe('models and answers in the chat view', () => {
  const suite = new ViewSuite((daemon) => {
    daemon.models = { models, notes: [] };
  });

  for (const look of everyLook) {
    it(`shows why a model was chosen, from the stored record (${lookName(look)})`, async () => {
      await using view = await suite.open(look);
      await view.chat.ask('Why is this slow?');
      await view.chat.settled();
      await view.page.getByRole('button', { name: 'lab/tiny' }).click();
      const why = view.page.getByRole('region', { name: 'Why this model?' });
      await why.getByText('moderate explain, about 1.2k tokens').waitFor();
      for (const text of [
        'this machine first, others only when none here can answer',
        'asks why',
        '80%',
        'free estimated, free actual',
        'price unknown',
        'no key for "anthropic" is stored',
      ]) {
        assert.equal(await why.getByText(text, { exact: text.length < 20 }).count(), 1, text);
      }
      assert.equal(await why.getByRole('img', { name: 'Fit: 90%' }).count(), 1);
      assert.equal(
        await why.getByRole('img', { name: 'Cost: unknown' }).count(),
        1,
        'what is not known is not drawn as nothing',
      );
      assert.ok(await view.fitsItsWidth());
      await suite.screenshots.take(view.page, `why-${lookName(look)}`);
      await view.page.getByRole('button', { name: 'lab/tiny' }).click();
      await why.waitFor({ state: 'detached' });
    });
  }

  it('shows what an answer was made from: older messages that were found again, and the summary of others', async () => {
    const chatId = suite.daemon.addChat('Boats', 20, (index) =>
      index === 5 ? 'The <b>port</b> is 6543.' : `Message ${index}`,
    );
    const all = suite.daemon.messages.get(chatId) ?? [];
    suite.daemon.older = {
      found: [all[4]?.id ?? '', all[5]?.id ?? ''],
      summarised: 12,
      summary: { text: 'They spoke of <img src=x> boats.', model: 'lab/tiny' },
    };
    await using view = await suite.open();
    await view.page.getByTitle('Chats').click();
    await view.page.getByRole('button', { name: /^Boats/ }).click();
    await view.page.getByText('Message 20').waitFor();
    await view.chat.ask('Which port?');
    await view.chat.settled();
    await view.page.getByRole('button', { name: 'lab/tiny' }).last().click();
    const why = view.page.getByRole('region', { name: 'Why this model?' });
    await why.getByText('of the older ones 2 were found again, 12 summarized, none left out').waitFor();
    await why.getByText('Found again (2)').click();
    await why.getByText('The <b>port</b> is 6543.').waitFor();
    await why.getByText('Summary of 12 older messages, by lab/tiny').click();
    assert.equal(await why.getByText('They spoke of <img src=x> boats.').isVisible(), true);
    assert.ok(await view.fitsItsWidth());
    await suite.screenshots.take(view.page, 'seen-dark');
  });

  it('tells the router of a thumb, and of a thumb that is taken back', async () => {
    await using view = await suite.open();
    await view.chat.ask('Good?');
    await view.chat.settled();
    const up = view.page.getByRole('button', { name: 'Good answer' });
    await up.click();
    await view.page.locator('button[aria-label="Good answer"][aria-pressed="true"]').waitFor();
    await view.page.getByRole('button', { name: 'Bad answer' }).click();
    await view.page.getByRole('button', { name: 'Bad answer' }).click();
    await until('three outcomes', () => suite.daemon.outcomes.length === 3);
    assert.deepEqual(
      suite.daemon.outcomes.map(({ decisionId, thumbs }) => [decisionId, thumbs]),
      [
        ['d1', 'up'],
        ['d1', 'down'],
        ['d1', null],
      ],
    );
    assert.equal(await up.getAttribute('aria-pressed'), 'false');
  });

  for (const theme of ['dark', 'light'] as const) {
    it(`lists models by provider, and says why some cannot be chosen (${theme})`, async () => {
      await using view = await suite.open({ theme });
      await view.page.getByRole('button', { name: 'Automatic' }).click();
      const options = view.page.getByRole('option');
      await options.nth(models.length).waitFor();
      const shown = await options.allInnerTexts();
      const named = (name: string) => shown.find((text) => text.startsWith(name)) ?? '';
      assert.match(named('large'), /Today's budget is used up\./);
      assert.match(named('small'), /128k context · \$0\.15 in \/ \$0\.60 out per million tokens[\s\S]*cloud/);
      assert.match(named('new'), /price unknown · not asked yet/);
      assert.match(named('coder-7b'), /loaded · 32\.8k context · free[\s\S]*local/);
      assert.deepEqual(await view.page.locator('.group').allInnerTexts(), ['local', 'ollama', 'lab', 'openai']);
      await suite.screenshots.take(view.page, `models-${theme}`);
      await options.filter({ hasText: 'large' }).click({ force: true });
      assert.equal(await options.first().isVisible(), true, 'a model that cannot be chosen is not');
      await options.filter({ hasText: 'small' }).click();
      await view.page.getByRole('button', { name: 'small' }).waitFor();
    });
  }

  it("names the user's own default instead of the router's choice", async () => {
    await using view = await suite.open();
    view.server.post({ type: 'default-model', model: 'openai/small' });
    await view.page.getByRole('button', { name: 'small' }).waitFor();
  });

  it('stops an answer that was under way before the view was opened', async () => {
    const chatId = suite.daemon.addChat('Busy', 2);
    suite.daemon.add(chatId, { role: 'assistant', text: 'Still going', status: 'streaming' });
    await using view = await suite.open();
    await view.page.getByTitle('Chats').click();
    await view.page.getByRole('button', { name: /^Busy/ }).click();
    await view.chat.answerWith('Still going');
    await view.chat.stopButton.click();
    await view.page.getByText('Stopped', { exact: true }).waitFor();
    await view.chat.settled();
  });

  for (const look of everyLook) {
    it(`lets an answer that waits go first, or stops what it waits for, by keyboard alone (${lookName(look)})`, async () => {
      const { daemon } = suite;
      const answer = { model: 'local/coder-7b', since: 1 };
      daemon.waits = {
        running: [{ ...answer, id: 'r1', what: 'Chat "Parsers"' }],
        waiting: [
          { ...answer, id: 'w0', what: 'Code review', ahead: 1 },
          { ...answer, id: 'w1', what: 'Chat', ahead: 2 },
        ],
      };
      const free = Promise.withResolvers<void>();
      daemon.stopAnswer = (id) => void (id === 'r1' && free.resolve());
      daemon.write = async ({ emit, say }) => {
        const wait = (text: string) => emit({ kind: 'note', text, waiting: { id: 'w1', behind: ['r1'] } });
        daemon.prefer = () => {
          daemon.waits.waiting.reverse();
          wait('local/coder-7b is busy with another answer.');
        };
        wait('local/coder-7b is busy with 2 other answers.');
        await free.promise;
        say('Here I am.');
      };
      await using view = await suite.open(look);
      const { page, chat } = view;
      await chat.ask('When?');
      const [first, stop] = ['Answer this first', 'Stop Chat "Parsers"'].map((name) =>
        page.getByRole('button', { name }),
      );
      assert.ok(first && stop);
      await first.waitFor();
      await page.getByText('is busy with 2 other answers.').first().waitFor();
      await suite.screenshots.take(page, `waiting-${lookName(look)}`);
      assert.ok(await view.fitsItsWidth());
      await first.focus();
      await page.keyboard.press('Enter');
      await first.waitFor({ state: 'detached' });
      await stop.focus();
      await page.keyboard.press('Enter');
      await chat.answerWith('Here I am.');
      await chat.settled();
      assert.equal(await page.getByRole('group', { name: 'Waiting' }).count(), 0);
      assert.equal(await page.getByText('is busy with').filter({ visible: true }).count(), 0, 'the wait is over');
    });
  }

  it('shows inline code in both colors of the theme, which in high contrast is turned around', async () => {
    suite.daemon.write = async ({ say }) => say('It is in `cart.ts`.');
    await using view = await suite.open({ host: 'vscode' });
    await view.page.evaluate(() => {
      document.documentElement.style.setProperty('--vscode-textPreformat-foreground', 'rgb(0, 0, 0)');
      document.documentElement.style.setProperty('--vscode-textPreformat-background', 'rgb(255, 255, 255)');
    });
    await view.chat.ask('Where?');
    const code = (await view.chat.answerWith('It is in')).locator('code');
    assert.deepEqual(
      await code.evaluate((element) => [getComputedStyle(element).color, getComputedStyle(element).backgroundColor]),
      ['rgb(0, 0, 0)', 'rgb(255, 255, 255)'],
    );
  });

  it('gives the title of a chat the width that its buttons need only when they are shown', async () => {
    suite.daemon.addChat('A chat whose title is too long for a narrow sidebar, so that it is cut');
    await using view = await suite.open({ width: 300 });
    await view.page.getByTitle('Chats').click();
    const name = view.page.getByRole('dialog', { name: 'Chats' }).locator('.name');
    await name.waitFor();
    const width = async (): Promise<number> => (await name.boundingBox())?.width ?? 0;
    const whole = await width();
    await name.hover();
    assert.ok((await width()) < whole, 'the buttons are beside the title now');
  });
});

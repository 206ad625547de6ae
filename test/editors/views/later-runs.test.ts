// Runs that are over, in a browser's page: what is shown of one that was run before, its changes reviewed and undone, the pages that it read,
// the folder's own commands, and pictures as answers.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import type { AgentMode, AgentPart } from '../../../shared/protocol/agent.ts';
import { png } from '../../fakes/pictures/png.ts';
import { jobOf, usage } from '../../webview/scripted-runs.ts';
import { until } from '../harness/until.ts';
import { everyLook, lookName, ViewSuite } from '../harness/view-suite.ts';

const mode = { description: 'Does a task.', source: 'built-in' as const };
const modes: AgentMode[] = [
  { ...mode, id: 'act', title: 'Act', tools: ['read', 'edit', 'run'] },
  { ...mode, id: 'image', title: 'Image', description: 'Makes a picture.', tools: [], makes: 'picture' },
];
const diff =
  '--- a/src/cart.ts\n+++ b/src/cart.ts\n@@ -1,3 +1,4 @@\n const total = 0;\n-print(total);\n+if (json) print(1);\n+else print(total);\n';
const site = 'https://nodejs.org/api/test.html';
const given = (input: object) => JSON.stringify(input);
const parts: AgentPart[] = [
  { kind: 'started', jobId: 'j1', chatId: 'c', mode: 'act' },
  {
    kind: 'plan',
    items: [
      { text: 'Read the tool', state: 'done' },
      { text: 'Add the flag', state: 'done' },
    ],
  },
  {
    kind: 'call',
    callId: '1.1',
    step: 1,
    tool: 'read',
    call: 'read',
    title: 'Read src/cart.ts',
    input: given({ path: 'src/cart.ts', from: 3 }),
  },
  {
    kind: 'result',
    callId: '1.1',
    ok: true,
    summary: '41 lines of src/cart.ts',
    text: 'const total = 0;',
    isCut: true,
  },
  {
    kind: 'call',
    callId: '2.1',
    step: 2,
    tool: 'edit',
    call: 'edit',
    title: 'Change src/cart.ts',
    input: given({ path: 'src/cart.ts' }),
  },
  { kind: 'approved', callId: '2.1', decision: 'once' },
  { kind: 'result', callId: '2.1', ok: true, summary: 'Edited src/cart.ts', text: 'Done.', diff },
  {
    ...{ kind: 'call', callId: '3.1', step: 3, tool: 'fetch', call: 'web', title: `Fetch ${site}` },
    ...{
      input: given({ url: site }),
      taint: `"${site}" appears in README.md but not in your task. Check that you want this step.`,
    },
  },
  { kind: 'approved', callId: '3.1', decision: 'always' },
  { kind: 'result', callId: '3.1', ok: true, summary: `Read ${site}.`, text: 'Mocking.', sources: [site] },
  { kind: 'spent', usage, cost: 0.0123, rounds: 4 },
];
const answer =
  'The flag is there, as [the docs](https://nodejs.org/api/test.html) of nodejs.org say. See also [this](https://evil.example/nodejs.org) and nodejs.org.evil.example.';
const changes = [
  { uri: 'file:///home/ada/shop/src/cart.ts', path: 'src/cart.ts', change: 'changed' as const, added: 2, removed: 1 },
];

describe('a run that is over, in a browser', () => {
  const suite = new ViewSuite(
    (daemon) => {
      const chatId = daemon.addChat('Add a flag');
      daemon.add(chatId, { role: 'user', text: 'Add a --json flag to this little tool' });
      daemon.add(chatId, { role: 'assistant', text: answer, jobId: 'j1', usage, cost: 0.0123 });
      const { agent } = daemon;
      agent.modes = modes;
      agent.jobs.set(
        'j1',
        jobOf('j1', 'Add a flag', { state: 'done', parts, result: { outcome: 'done', steps: 3, changes } }),
      );
      const range = { start: { line: 1, character: 0 }, end: { line: 2, character: 0 } };
      const texts = { oldText: 'print(total);\n', newText: 'if (json) print(1);\nelse print(total);\n' };
      const hunk = { id: 'h1', by: 'agent' as const, isKept: false, range, ...texts };
      const below = (line: number) => ({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
      const more = [
        { ...hunk, id: 'h2', by: 'others' as const, range: below(5), oldText: '', newText: '// mine\n' },
        {
          ...hunk,
          id: 'h3',
          range: below(8),
          oldText: 'const json = false;\n',
          newText: 'const json = flag("--json");\n',
        },
        { ...hunk, id: 'h4', by: 'both' as const, range: below(12), oldText: '', newText: '// ours\n' },
      ];
      const file = { uri: changes[0]?.uri ?? '', version: null, isNew: false, isDeleted: false, isKept: false };
      agent.changed = {
        files: [
          { ...file, path: 'src/cart.ts', hunks: [hunk, ...more] },
          {
            ...file,
            uri: 'file:///home/ada/shop/test/cart.test.ts',
            path: 'test/cart.test.ts',
            isNew: true,
            hunks: [{ ...hunk, oldText: '' }],
          },
        ],
        notes: ["logo.png isn't text, so it can only be undone as a whole."],
      };
      agent.undone = {
        restored: ['src/cart.ts'],
        conflicts: [{ path: 'b.ts', why: 'It changed after the agent was done with it, so it stays as it is.' }],
        step: 9,
      };
    },
    { actions: ['copy', 'open-external', 'review-run', 'undo-run', 'save-picture'] },
  );
  const openChat = async (view: Awaited<ReturnType<typeof suite.open>>): Promise<void> => {
    await view.page.getByRole('button', { name: 'New chat' }).first().click();
    await view.page.getByRole('button', { name: /^Add a flag/ }).click();
    await view.chat.answerWith('The flag is there');
  };

  for (const look of everyLook)
    it(`shows all that was shown live, and what it changed (${lookName(look)})`, async () => {
      suite.daemon.agent.whole = [
        { kind: 'result', callId: '1.1', ok: true, summary: '41 lines', text: 'const total = 0; // all of it' },
      ];
      await using view = await suite.open(look);
      const { page } = view;
      await openChat(view);
      await page.getByRole('list', { name: 'Plan' }).getByText('Add the flag').waitFor();
      await page.getByText('3 steps').click();
      for (const title of ['Read src/cart.ts', 'Change src/cart.ts', `Fetch ${site}`])
        await page.getByText(title).first().click();
      await page.getByText('path: src/cart.ts').waitFor();
      await page.getByText('else print(total);').first().waitFor();
      await page.getByText('You allowed it.').waitFor();
      await page.getByText('You always allow it.').waitFor();
      await page.getByText('appears in README.md but not in your task').waitFor();
      await page.getByRole('button', { name: 'Show all of it' }).click();
      await page.getByText('// all of it').waitFor();
      await suite.screenshots.take(page, `later-run-${lookName(look)}`);
      await page.getByText('3 steps').click();
      await page.getByRole('button', { name: 'Review Changes' }).click();
      await page.getByRole('article', { name: 'test/cart.test.ts' }).getByText('Created').waitFor();
      await page.getByText("logo.png isn't text").waitFor();
      await suite.screenshots.take(page, `later-review-${lookName(look)}`);
      await page
        .getByRole('article', { name: 'src/cart.ts' })
        .getByRole('button', { name: 'Undo', exact: true })
        .click();
      await page.getByText('Undo what the agent changed in src/cart.ts?').waitFor();
      assert.deepEqual(suite.daemon.agent.undos, []);
      await suite.screenshots.take(page, `later-undo-${lookName(look)}`);
      await page.getByRole('button', { name: 'Undo Now' }).click();
      await page.getByText('1 file restored.').waitFor();
      await page.getByText('b.ts: It changed after the agent').waitFor();
      assert.ok(await view.fitsItsWidth());
      await suite.screenshots.take(page, `later-undone-${lookName(look)}`);
      assert.deepEqual(suite.daemon.agent.undos, [{ jobId: 'j1', uri: 'file:///home/ada/shop/src/cart.ts' }]);
    });

  for (const look of everyLook)
    it(`is kept and undone change by change, by keyboard too (${lookName(look)})`, async () => {
      const { agent } = suite.daemon;
      agent.undone = { restored: ['src/cart.ts'], conflicts: [], step: 9 };
      await using view = await suite.open(look);
      const { page } = view;
      await openChat(view);
      await page.getByRole('button', { name: 'Review Changes' }).click();
      const file = page.getByRole('article', { name: 'src/cart.ts' });
      const change = (number: number) => file.getByRole('group', { name: `Change ${number} of 3 in src/cart.ts` });
      const button = (name: string) => file.getByRole('button', { name: `${name} of 3 in src/cart.ts` });
      await change(3).getByText('You or another program changed these lines too.').waitFor();
      assert.equal(await button('Undo change 3').count(), 0);
      assert.equal(await file.getByText('mine').count(), 0, 'what others wrote is not the agent’s');
      await file.scrollIntoViewIfNeeded();
      await suite.screenshots.take(page, `hunks-review-${lookName(look)}`);
      await button('Undo change 1').focus();
      const [changed, created] = agent.changed.files;
      assert.ok(changed && created);
      agent.changed = { files: [{ ...changed, hunks: changed.hunks.slice(1) }, created], notes: [] };
      await page.keyboard.press('Enter');
      await page.getByText('Change undone.').waitFor();
      assert.deepEqual(agent.undos, [{ jobId: 'j1', uri: changed.uri, hunks: ['h1'] }]);
      await until('the other two', async () => (await file.getByRole('group').count()) === 2);
      const rest = file.getByRole('button', { name: 'Undo change 1 of 2 in src/cart.ts' });
      await until('the focus on the next', () => rest.evaluate((each) => each.matches(':focus')));
      await file.getByRole('button', { name: 'Keep change 1 of 2' }).focus();
      await page.keyboard.press('Space');
      await file.getByText('Kept', { exact: true }).waitFor();
      assert.ok(await view.fitsItsWidth());
      await suite.screenshots.take(page, `hunks-decided-${lookName(look)}`);
      await file.getByRole('button', { name: 'Keep change 2 of 2' }).click();
      await until('no more of the file', async () => (await file.count()) === 0);
      const { uri } = changed;
      await until('the daemon to hear of it', () => agent.keeps.length === 2);
      assert.deepEqual(agent.keeps, [
        { jobId: 'j1', uri, hunks: ['h3'] },
        { jobId: 'j1', uri, hunks: ['h4'] },
      ]);
      await page.getByRole('button', { name: 'Show Kept Changes' }).click();
      await until('both', async () => (await file.getByText('Kept', { exact: true }).count()) === 3);
      assert.equal(await file.getByRole('button', { name: /^Keep change/ }).count(), 0);
      assert.equal(await file.getByRole('button', { name: /^Undo change/ }).count(), 1);
      await suite.screenshots.take(page, `hunks-kept-${lookName(look)}`);
      agent.changed = { files: [changed, created], notes: [] };
      await page.getByRole('button', { name: 'Redo' }).click();
      await button('Undo change 1').waitFor();
      assert.deepEqual(agent.undos[1], { jobId: 'j1', step: 9 });
    });

  it('is undone as a whole, or from a step on, once that is agreed to, and redone', async () => {
    await using view = await suite.open();
    const { page } = view;
    await openChat(view);
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByRole('group', { name: 'Undo' }).getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    await page.getByRole('button', { name: 'Undo Now' }).click();
    await page.getByText('1 file restored.').waitFor();
    await page.getByRole('button', { name: 'Redo' }).click();
    await until('the redo there', () => suite.daemon.agent.undos.length === 2);
    await page.getByText('3 steps').click();
    await page.getByText('Change src/cart.ts').first().click();
    await page.getByRole('button', { name: 'Undo from this step' }).click();
    await page.getByRole('button', { name: 'Undo Now' }).click();
    await until('the third', () => suite.daemon.agent.undos.length === 3);
    assert.deepEqual(suite.daemon.agent.undos, [{ jobId: 'j1' }, { jobId: 'j1', step: 9 }, { jobId: 'j1', step: 2 }]);
  });

  it('links the pages that it read, and other addresses as ever', async () => {
    await using view = await suite.open();
    const { page } = view;
    await openChat(view);
    const text = page.locator('.blocks');
    const sources = text.locator('a.source');
    await sources.first().waitFor();
    assert.deepEqual(await sources.allTextContents(), ['the docs', 'nodejs.org']);
    assert.match(
      (await sources.first().getAttribute('title')) ?? '',
      /^https:\/\/nodejs\.org\/api\/test\.html\nRead in this run$/,
    );
    assert.equal(
      await text
        .locator('a:not(.source)')
        .allTextContents()
        .then((all) => all.join()),
      'this',
    );
    const list = page.getByRole('list', { name: 'Sources' });
    assert.deepEqual(await list.getByRole('button').allTextContents(), ['nodejs.org/api/test.html']);
    assert.equal(await page.locator('sw-chat :is(img, [src], [href])').count(), 0, 'nothing of a page is loaded');
  });

  it('offers the commands that the folder keeps in files', async () => {
    suite.daemon.agent.prompts = [
      {
        name: 'release',
        description: 'Write release notes',
        hint: '[version]',
        path: '.github/prompts/release.prompt.md',
      },
    ];
    const asked: string[] = [];
    suite.daemon.write = async ({ text, say }) => {
      asked.push(text);
      say('Written.');
    };
    await using view = await suite.open();
    const { page, chat } = view;
    await chat.composer.pressSequentially('/');
    await page.getByRole('option', { name: /\/release.*\[version\] · Write release notes/ }).waitFor();
    await suite.screenshots.take(page, 'slash-prompts-narrow-dark');
    await chat.composer.pressSequentially('rel');
    await chat.composer.press('Enter');
    await chat.composer.pressSequentially('2.0');
    await chat.composer.press('Enter');
    await chat.answerWith('Written.');
    assert.deepEqual(asked, ['/release 2.0']);
  });

  it('shows a picture as an answer, and saves it where the user says', async () => {
    const drawn = png({
      width: 640,
      height: 420,
      colorType: 2,
      depth: 8,
      pixel: (x, y) => [x / 3, y / 2, (x + y) / 5],
    });
    const data = drawn.toString('base64');
    suite.daemon.write = async ({ say, emit }) => {
      const messageId = suite.daemon.messages.get(suite.daemon.chats[0]?.id ?? '')?.at(-1)?.id ?? '';
      const piece = { kind: 'picture' as const, messageId, mediaType: 'image/png' as const };
      emit({ ...piece, data: data.slice(0, 400), isLast: false });
      emit({ ...piece, data: data.slice(400), isLast: true });
      say("Made a picture with openai/gpt-image-1.5 for $0.034. Pictures aren't stored, so save it while it's shown.");
    };
    await using view = await suite.open();
    const { page, chat } = view;
    await chat.chooseMode('Image');
    await page.getByPlaceholder('Describe a picture').waitFor();
    await chat.ask('A lighthouse');
    await page.getByRole('img', { name: 'The picture that was made' }).waitFor();
    await suite.screenshots.take(page, 'picture-answer-narrow-dark');
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save Picture…' }).click(),
    ]);
    assert.equal(saved.suggestedFilename(), 'picture.png');
    assert.deepEqual(readFileSync(await saved.path()), drawn);
    await page.reload();
    await chat.answerWith("Pictures aren't stored");
    assert.equal(await page.getByRole('button', { name: 'Save Picture…' }).count(), 0);
  });
});

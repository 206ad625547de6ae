// `switchyard jobs review ID` in the built program: what a run changed, kept or undone change by change at a terminal, as in `git add -p`; and
// `jobs keep` and `jobs undo --hunk`, which ask nothing.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { AgentChanges } from '../../../shared/protocol/agent.ts';
import type { Result } from '../../../shared/protocol/define.ts';
import type { Ended, Home } from '../home.ts';
import { TerminalCommand } from './at-terminal.ts';
import { ScriptedLab } from './scripted-lab.ts';

const lines = (changed: Record<number, string> = {}): string =>
  Array.from({ length: 20 }, (_, at) => `${changed[at + 1] ?? `line ${at + 1}`}\n`).join('');
const question = /Keep this change \[y,n,j,q,a,d,\?\]\? $/;
const words = { 3: 'three', 9: 'nine', 15: 'fifteen' };

describe('reviewing what a run changed, at a terminal', () => {
  let lab: ScriptedLab;
  let home: Home;
  let folder: string;
  let jobId: string;

  before(async () => {
    lab = await ScriptedLab.open();
    home = lab.home;
    folder = dirname(home.project('a.txt'));
    await home.switchyard(['trust', '.'], '', folder);
  });
  after(() => lab[Symbol.asyncDispose]());
  beforeEach(async () => {
    rmSync(home.project('b.txt'), { force: true });
    writeFileSync(home.project('a.txt'), lines());
    const edit = (given: object) => ({ name: 'edit', arguments: { ...given } });
    const changes = Object.entries(words).map(([line, text]) =>
      edit({ path: 'a.txt', old: `line ${line}\n`, new: `${text}\n` }),
    );
    lab.begin([{ toolCalls: [...changes, edit({ path: 'b.txt', new: 'new\n' })] }, 'Done.']);
    const { stdout } = await home.switchyard(['run', 'Do it', '--yes-to', 'edit', '--json'], '', folder);
    ({ jobId } = JSON.parse(stdout) as { jobId: string });
  });

  const text = (): string => readFileSync(home.project('a.txt'), 'utf8');
  const jobs = (...args: string[]): Promise<Ended> => home.switchyard(['jobs', ...args], '', folder);
  async function changedFiles(): Promise<Result<typeof AgentChanges>['files']> {
    return (JSON.parse((await jobs('changes', jobId, '--json')).stdout) as Result<typeof AgentChanges>).files;
  }
  const keptTexts = async (): Promise<string[]> =>
    (await changedFiles()).flatMap(({ hunks }) =>
      hunks.filter(({ isKept }) => isKept).map(({ newText }) => newText.trim()),
    );

  async function answer(
    typed: readonly string[],
    ...args: string[]
  ): Promise<{ code: number | null; shown: string[]; command: TerminalCommand }> {
    const command = new TerminalCommand(home, ['jobs', 'review', jobId, ...args], folder);
    const shown: string[] = [];
    for (const word of typed) shown.push(await command.answer(question, word));
    const { code } = await command.ended();
    return { code, shown, command };
  }

  const decisions: [name: string, typed: string[], left: Record<number, string>, kept: string[], hasNew: boolean][] = [
    ['one by one', ['y', 'n', 'yes', 'n'], { 3: 'three', 15: 'fifteen' }, ['three', 'fifteen'], false],
    ['some left open', ['j', 'n', 'j', 'y'], { 3: 'three', 15: 'fifteen' }, ['new'], true],
    ['until it is left, with what was decided', ['n', 'q'], { 9: 'nine', 15: 'fifteen' }, [], true],
    ['the rest of the file kept', ['n', 'a', 'q'], { 9: 'nine', 15: 'fifteen' }, ['nine', 'fifteen'], true],
    ['the rest of the file undone', ['y', 'd', 'q'], { 3: 'three' }, ['three'], true],
  ];
  for (const [name, typed, left, kept, hasNew] of decisions)
    it(`keeps and undoes: ${name}`, async () => {
      const { code, command } = await answer(typed);
      assert.deepEqual([code, text()], [0, lines(left)], command.stderr);
      assert.deepEqual(await keptTexts(), kept);
      assert.equal(existsSync(home.project('b.txt')), hasNew);
    });

  it('shows each change with its file, its place and the lines around it, and says what came of it', async () => {
    const { shown, command } = await answer(['x', 'y', 'n', 'q']);
    assert.match(
      shown[0] ?? '',
      /^a\.txt\n@@ line 3 @@\n line 1\n line 2\n-line 3\n\+three\n line 4\n line 5\n line 6\n\(1\/4\) Keep/,
    );
    assert.match(shown[1] ?? '', /^y {2}keep this change$[\s\S]*^d {2}undo .*$[\s\S]*\(1\/4\) Keep/m);
    assert.match(shown[2] ?? '', /@@ line 9 @@[\s\S]*\(2\/4\) Keep/);
    assert.match(command.stdout, /^1 change kept, 1 undone, 2 left\.$/m);
    const [, step = ''] = /run `switchyard jobs undo \S+ --step (\d+)`/.exec(command.stdout) ?? [];
    await jobs('undo', jobId, '--step', step);
    assert.equal(text(), lines(words));
  });

  it('asks only about what is left, and about all of it again where that is wanted', async () => {
    await answer(['a', 'j']);
    const { shown } = await answer(['j']);
    assert.match(shown[0] ?? '', /^b\.txt \(new\)\n[\s\S]*\(1\/1\)/);
    await answer(['y']);
    const over = await jobs('review', jobId);
    assert.deepEqual(
      [over.code, over.stdout],
      [0, 'Nothing is left to review. To see what you kept too, add `--all`.\n'],
    );
    assert.match((await answer(['n', 'q'], '--all')).shown[1] ?? '', /\(2\/4\)/);
    assert.equal(text(), lines({ 9: 'nine', 15: 'fifteen' }), 'what is kept can be undone');
    assert.match((await answer(['q'], '--all', '--file', 'b.txt')).shown[0] ?? '', /^b\.txt \(new\)\n[\s\S]*\(1\/1\)/);
  });

  it('does nothing at all where its user leaves', async () => {
    const command = new TerminalCommand(home, ['jobs', 'review', jobId], folder);
    await command.answer(question, 'y');
    await command.answer(question, 'n');
    await command.asked(question);
    command.child.kill('SIGINT');
    const { code, said } = await command.ended();
    assert.deepEqual([code, text(), await keptTexts()], [130, lines(words), []]);
    assert.match(said, /^Nothing was kept or undone\.$/m);
  });

  it('names what could not be decided, and does the rest', async () => {
    const command = new TerminalCommand(home, ['jobs', 'review', jobId], folder);
    await command.answer(question, 'n');
    await command.answer(question, 'j');
    await command.answer(question, 'j');
    await command.asked(question);
    writeFileSync(home.project('a.txt'), lines({ ...words, 3: 'mine' }));
    command.child.stdin?.write('n\n');
    assert.equal((await command.ended()).code, 3);
    assert.match(command.stdout, /^Left a\.txt: This change is no longer as you saw it\./m);
    assert.match(command.stdout, /^0 changes kept, 1 undone, 3 left\.$/m);
    assert.deepEqual([text(), existsSync(home.project('b.txt'))], [lines({ ...words, 3: 'mine' }), false]);
  });

  it('undoes no lines that somebody else has changed too', async () => {
    writeFileSync(home.project('a.txt'), lines({ ...words, 3: 'three, and \u202emine' }));
    const command = new TerminalCommand(home, ['jobs', 'review', jobId], folder);
    const shown = await command.answer(/\(1\/4\) Keep this change \[y,j,q,a,d,\?\]\? $/, 'n');
    assert.ok(shown.includes('+three, and \\u202emine'), shown);
    assert.match(
      await command.answer(/Keep this change \[y,j,q,a,d,\?\]\? $/, 'd'),
      /^Lines of this change were also changed by you or another program/m,
    );
    await command.answer(question, 'q');
    await command.ended();
    assert.match(command.stdout, /^0 changes kept, 2 undone, 2 left\.$/m);
    assert.equal(text(), lines({ 3: 'three, and \u202emine' }));
  });

  it('shows what is left and says what to do, where nobody is at a terminal', async () => {
    const { code, stdout, stderr } = await jobs('review', jobId);
    assert.equal(code, 3);
    assert.match(stdout, /^a\.txt\n@@ line 3 @@ {2}[0-9a-f]{8}\n-line 3\n\+three$/m);
    assert.match(stderr, /^error: 4 changes wait for your decision, and nobody is at a terminal to give it\.$/m);
    assert.match(
      stderr,
      new RegExp(`^hint: .*\`switchyard jobs keep ${jobId} --hunk HUNK\`.*\`switchyard jobs undo`, 'm'),
    );
    const { error } = JSON.parse((await jobs('review', jobId, '--json')).stdout) as { error: { code: string } };
    assert.equal(error.code, 'needs-terminal');
  });

  it('prints one document of what it came to', async () => {
    const { command } = await answer(['y', 'n', 'q'], '--json');
    const { step, ...document } = JSON.parse(command.stdout) as { step: number };
    assert.deepEqual(document, {
      kept: ['a.txt'],
      restored: ['a.txt'],
      conflicts: [],
      counts: { kept: 1, undone: 1, left: 2 },
    });
    assert.ok(step > 1);
  });

  describe('without a question', () => {
    const idsIn = async (): Promise<string[]> =>
      [...(await jobs('changes', jobId)).stdout.matchAll(/^@@ line \d+ @@ {2}([0-9a-f]+)/gm)].map(([, id = '']) => id);

    it('keeps and undoes changes by their ids, files, and all', async () => {
      const [three = '', nine = '', , made = ''] = await idsIn();
      const kept = await jobs('keep', jobId, '--hunk', three, '--hunk', nine);
      assert.deepEqual([kept.code, kept.stdout], [0, 'Kept a.txt\n']);
      assert.deepEqual(await keptTexts(), ['three', 'nine']);
      assert.match((await jobs('changes', jobId)).stdout, /^@@ line 3 @@ {2}[0-9a-f]{8} {2}kept$/m);
      const undone = await jobs('undo', jobId, '--hunk', nine, '--hunk', made);
      assert.match(undone.stdout, /^Restored a\.txt\nRestored b\.txt\n/);
      assert.deepEqual([text(), existsSync(home.project('b.txt'))], [lines({ 3: 'three', 15: 'fifteen' }), false]);
      const rest = await jobs('keep', jobId, '--file', 'a.txt', '--json');
      assert.deepEqual(JSON.parse(rest.stdout), { kept: ['a.txt'], conflicts: [] });
      assert.equal((await jobs('keep', jobId)).stdout, 'Nothing is left to keep.\n');
    });

    it('refuses an id of no change, or of none in the file, and does nothing', async () => {
      const [three = ''] = await idsIn();
      for (const [args, told] of [
        [['keep', jobId, '--hunk', three, '--hunk', 'zzz'], /No change of this run has an ID that begins with "zzz"\./],
        [['undo', jobId, '--hunk', three, '--file', 'b.txt'], /No change of this run in b\.txt has an ID/],
        [['undo', jobId, '--hunk', ''], /No change of this run/],
      ] as const) {
        const { code, stderr } = await jobs(...args);
        assert.equal(code, 3);
        assert.match(stderr, told);
        assert.match(stderr, /^hint: .*`switchyard jobs changes/m);
      }
      const both = await jobs('undo', jobId, '--hunk', three, '--step', '1');
      assert.deepEqual([both.code, text(), await keptTexts()], [2, lines(words), []]);
    });
  });
});

// `switchyard run` in the built program: what it prints, what it asks, and how it ends where nobody can answer.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { AgentPart } from '../../../shared/protocol/agent.ts';
import type { Job, WholeJob } from '../../../shared/protocol/jobs.ts';
import type { Reply } from '../../fakes/provider-servers/scripted-server.ts';
import { type Ended, type Home, until } from '../home.ts';
import { TerminalCommand } from './at-terminal.ts';
import { calling, never, ScriptedLab } from './scripted-lab.ts';

const allow = /Allow it\?/;

describe('the agent in a terminal', () => {
  let lab: ScriptedLab;
  let home: Home;
  let folder: string;

  const edits = calling('edit', { path: 'answer.txt', old: '42', new: '43' });
  const runs = calling('run', { argv: ['node', 'say.mjs', 'two words'] });
  const done: Reply = { text: 'Done.' };

  before(async () => {
    lab = await ScriptedLab.open();
    home = lab.home;
    folder = dirname(home.project('answer.txt'));
    writeFileSync(home.project('say.mjs'), "console.log('said');\n");
    await home.switchyard(['trust', '.'], '', folder);
  });
  after(() => lab[Symbol.asyncDispose]());
  beforeEach(() => {
    lab.begin();
    writeFileSync(home.project('answer.txt'), '42\n');
  });

  const answer = (): string => readFileSync(home.project('answer.txt'), 'utf8');
  const run = (...args: string[]): Promise<Ended> => home.switchyard(['run', 'Do it', ...args], '', folder);
  const jobs = (...args: string[]): Promise<Ended> => home.switchyard(['jobs', ...args], '', folder);

  async function newestJob(): Promise<Job> {
    const { jobs: listed } = JSON.parse((await jobs('--json')).stdout) as { jobs: Job[] };
    assert.ok(listed[0]);
    return listed[0];
  }
  /** Of what the job that waits shows. */
  async function mark(): Promise<string[]> {
    const { question } = await newestJob();
    return ['--mark', question?.mark ?? assert.fail('nothing is asked')];
  }
  const jobOf = async (id: string): Promise<WholeJob> =>
    (JSON.parse((await jobs('show', id, '--json')).stdout) as { job: WholeJob }).job;

  it('does what was allowed for this run without asking, and says what it changed and how to undo it', async () => {
    lab.turns = [edits, done];
    const { code, stdout, stderr } = await run('--yes-to', 'read,edit');
    assert.deepEqual([code, stdout, answer()], [0, 'Done.\n', '43\n'], stderr);
    assert.match(stderr, /^> Change answer\.txt$[\s\S]*^-42$\n^\+43$[\s\S]*^1 file changed · 2 turns · .* · \$/m);
    assert.match(stderr, /run `switchyard jobs undo [\w-]+`\.$/m);
  });

  it('goes on in the most recent chat', async () => {
    lab.turns = [done];
    await home.switchyard(['run', 'Remember Zanzibar'], '', folder);
    await run('--continue');
    assert.match(lab.told, /Remember Zanzibar[\s\S]*Do it/);
  });

  it('prints one document, or each event as a line', async () => {
    lab.turns = [edits, done];
    const { stdout } = await run('--yes-to', 'edit', '--json');
    const document = JSON.parse(stdout) as { outcome: string; changes: object[]; text: string };
    assert.deepEqual([document.outcome, document.changes.length, document.text], ['done', 1, 'Done.']);
    lab.begin();
    writeFileSync(home.project('answer.txt'), '42\n');
    const { stdout: lines } = await run('--yes-to', 'edit', '--events');
    const events = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as AgentPart | { kind: 'ended' });
    assert.deepEqual(
      ['started', 'call', 'result', 'text', 'ended'].filter((kind) => !events.some((event) => event.kind === kind)),
      [],
    );
    assert.equal(events.at(-1)?.kind, 'ended');
  });

  describe('where nobody can be asked', () => {
    it('leaves the run waiting, shows in full what it asks, and names the command that answers', async () => {
      lab.turns = [runs, edits, done];
      const { code, stderr } = await run();
      assert.equal(code, 3);
      const { id, state } = await newestJob();
      assert.equal(state, 'waiting');
      assert.match(stderr, /^ {2}program {2}node say\.mjs 'two words'$/m);
      assert.match(stderr, /^error: The run waits for your answer/m);
      assert.match(
        stderr,
        new RegExp(
          `^hint: To answer and continue, run \`switchyard jobs answer ${id} ANSWER --mark [0-9a-f]{16}\``,
          'm',
        ),
      );
      for (const shown of [await jobs(), await jobs('show', id)]) {
        assert.match(shown.stdout, /^ {2}program {2}node say\.mjs 'two words'$/m);
        assert.match(shown.stdout, /^ {2}script {3}\S*say\.mjs {2}sha256 [0-9a-f]{64}$/m);
      }
      const next = await jobs('answer', id, 'once', ...(await mark()));
      assert.equal(next.code, 3);
      assert.match(
        next.stderr,
        /^> Run node say\.mjs[\s\S]*^-42$\n^\+43$[\s\S]*^error: The run waits for your answer/m,
      );
      assert.match((await jobs()).stdout, /^-42$\n^\+43$/m);
      const last = await jobs('answer', id, 'deny', 'Not that file.');
      assert.match(lab.told, /They say: Not that file\./);
      assert.equal(last.code, 3);
      assert.match(last.stderr, /You said no to this/);
      assert.equal(answer(), '42\n');
    });

    it('takes only an answer to what was shown, which names it', async () => {
      lab.turns = [edits, done];
      await run();
      const { id } = await newestJob();
      const shown = /^ {2}Allow once: switchyard (jobs answer \S+ once --mark \S+)$/m.exec(
        (await jobs('show', id)).stdout,
      );
      const unseen = await jobs('answer', id, 'once');
      assert.deepEqual([unseen.code, answer()], [3, '42\n']);
      assert.match(unseen.stderr, new RegExp(`Look at what this would do .*\`switchyard jobs show ${id}\``));
      const changed = await jobs('answer', id, 'once', '--mark', '0123456789abcdef');
      assert.match(changed.stderr, /What this would do has changed since you saw it, so nothing was decided\./);
      assert.equal(answer(), '42\n');
      const { code, stderr } = await home.switchyard(shown?.[1]?.split(' ') ?? [], '', folder);
      assert.deepEqual([code, answer()], [0, '43\n'], stderr);
      const { stdout } = await jobs('show', id);
      for (const name of ['task', 'turn 1', 'decision on call 1.1', 'start of call 1.1', 'call 1.1', 'turn 2'])
        assert.match(stdout, new RegExp(`^ {2}${name}: `, 'm'));
      assert.doesNotMatch(stdout, /[0-9a-f]{16}/, 'no marks');
    });

    it('may be refused unseen', async () => {
      lab.turns = [edits, done];
      await run();
      const { id } = await newestJob();
      assert.match((await jobs('answer', id, 'deny')).stderr, /You said no to this/);
      assert.equal(answer(), '42\n');
    });

    it('tells a program the job that waits', async () => {
      lab.turns = [edits, done];
      const { code, stdout } = await run('--json');
      const { jobId, error } = JSON.parse(stdout) as { jobId: string; error: { code: string; exitCode: number } };
      assert.deepEqual([code, error.code, error.exitCode], [3, 'needs-approval', 3]);
      const { stdout: end } = await jobs('answer', jobId, 'once', '--json', ...(await mark()));
      assert.equal((JSON.parse(end) as { job: WholeJob }).job.state, 'done');
      assert.equal(answer(), '43\n');
    });
  });

  const decisions: [name: string, typed: string[], written: string, code: number, told: RegExp][] = [
    ['once', ['y'], '43\n', 0, /Changed answer\.txt/],
    ['a slip of the finger, then once', ['x', 'yes'], '43\n', 0, /Changed answer\.txt/],
    ['no', ['n'], '42\n', 3, /The user said no to this\. Don't/],
    ['why not', ['Keep it as it is.'], '42\n', 3, /They say: Keep it as it is\./],
  ];
  for (const [name, typed, written, code, model] of decisions)
    it(`takes an answer: ${name}`, async () => {
      lab.turns = [edits, done];
      const command = new TerminalCommand(home, ['run', 'Do it'], folder);
      for (const word of typed) await command.answer(allow, word);
      assert.equal((await command.ended()).code, code, command.stderr);
      assert.equal(answer(), written);
      assert.match(lab.told, model);
    });

  it('answers a question of the model by a number or in words', async () => {
    lab.turns = [calling('ask', { question: 'Which one?', choices: ['Red', 'Blue'] }), done];
    for (const [typed, answered] of [
      ['2', 'Blue'],
      ['Green, please', 'Green, please'],
    ] as const) {
      lab.begin();
      const command = new TerminalCommand(home, ['run', 'Do it'], folder);
      await command.answer(/Your answer, or a number:/, typed);
      assert.equal((await command.ended()).code, 0, command.stderr);
      assert.ok(lab.told.includes(`The user answers: ${answered}`));
    }
  });

  it('asks no more for exactly what is always allowed', async () => {
    lab.turns = [calling('run', { argv: ['node', 'say.mjs'] }), done];
    const command = new TerminalCommand(home, ['run', 'Do it'], folder);
    await command.answer(allow, 'a');
    assert.equal((await command.ended()).code, 0, command.stderr);
    lab.begin();
    assert.equal((await run()).code, 0);
    const list = (): Promise<Ended> => home.switchyard(['trust', '--list'], '', folder);
    assert.match((await list()).stdout, /^always allowed in \S+: Run node say\.mjs\?/m);
    await home.switchyard(['trust', '.', '--forget'], '', folder);
    assert.doesNotMatch((await list()).stdout, /always allowed/);
    lab.begin();
    assert.equal((await run()).code, 3, 'it asks again');
  });

  it('goes on when another client answers', async () => {
    lab.turns = [edits, done];
    const command = new TerminalCommand(home, ['run', 'Do it'], folder);
    await command.asked(allow);
    await jobs('answer', (await newestJob()).id, 'once', ...(await mark()));
    const { code, said } = await command.ended();
    assert.equal(code, 0, command.stderr);
    assert.match(said, /It was answered in another window\./);
  });

  const interruptions: Record<string, (command: TerminalCommand) => Promise<void>> = {
    'while the model answers': async (command) => {
      await until('the model', () => lab.asked.length === 2);
      command.child.kill('SIGINT');
    },
    'at a question': async (command) => {
      await command.asked(allow);
      command.child.stdin?.write('\u0003');
    },
  };
  for (const [when, interrupt] of Object.entries(interruptions))
    it(`is stopped by Ctrl+C ${when}, and says how to continue and to undo`, async () => {
      lab.turns =
        when === 'at a question'
          ? [edits]
          : [calling('read', { path: 'answer.txt' }), { hold: { after: 0, until: never } }];
      const command = new TerminalCommand(home, ['run', 'Do it'], folder);
      await interrupt(command);
      const { code, said } = await command.ended();
      assert.equal(code, 130, command.stderr);
      const { id, state } = await newestJob();
      assert.equal(state, 'cancelled');
      assert.match(said, new RegExp(`switchyard jobs resume ${id}.*switchyard jobs undo ${id}`));
      lab.turns = [done];
      const { code: resumed, stderr } = await jobs('resume', id);
      assert.equal(resumed, when === 'at a question' ? 3 : 0, stderr);
      if ((await jobOf(id)).state === 'waiting') await jobs('cancel', id);
    });

  it('is stopped by Ctrl+C while it goes on for whoever has answered', async () => {
    lab.turns = [edits, { hold: { after: 0, until: never } }];
    await run();
    const { id } = await newestJob();
    const command = new TerminalCommand(home, ['jobs', 'answer', id, 'once', ...(await mark())], folder);
    await until('the model', () => lab.asked.length === 2);
    command.child.kill('SIGINT');
    assert.equal((await command.ended()).code, 130, command.stderr);
    assert.equal((await jobOf(id)).state, 'cancelled');
    await lab.server.closedEarly();
  });

  it('does nothing in a folder that nobody trusts', async () => {
    const other = dirname(home.file('other', 'a.txt'));
    const { code, stderr } = await home.switchyard(['run', 'Do it'], '', other);
    assert.equal(code, 3);
    assert.match(stderr, /isn't trusted, so the agent has no tools[\s\S]*hint: To trust it, run `switchyard trust /);
    assert.equal(lab.asked.length, 0);
    lab.turns = [done];
    assert.equal((await home.switchyard(['run', 'Hello', '--mode', 'chatbot'], '', other)).code, 0);
  });

  it('says how much is kept to undo runs, and deletes it', async () => {
    lab.turns = [edits, done];
    await run('--yes-to', 'edit');
    const { id } = await newestJob();
    const kept = /^Checkpoints: \d+ kB to undo \d+ runs? of the agent, the oldest from 20\d\d-/m;
    assert.match((await home.switchyard(['status'], '', folder)).stdout, kept);
    assert.match((await jobs('prune', '--days', '1')).stdout, /^Nothing to delete\.$/m);
    assert.match((await jobs('prune')).stdout, /^Deleted what was kept to undo \d+ runs? \(\d/m);
    assert.match((await home.switchyard(['status'], '', folder)).stdout, /^Checkpoints: none$/m);
    assert.match((await jobs('undo', id)).stdout, /^Nothing to undo\./m);
    assert.equal(answer(), '43\n', 'the files stay');
    for (const wrong of [
      ['prune', '--days', 'x'],
      ['list', '--days', '2'],
      ['show', id, '--mark', 'x'],
    ])
      assert.equal((await jobs(...wrong)).code, 2, wrong.join(' '));
  });

  it('goes on after a limit with what it has read', async () => {
    lab.turns = [calling('read', { path: 'say.mjs' })];
    await run('--max-rounds', '1');
    lab.begin();
    lab.turns = [done];
    await run('--continue');
    assert.match(lab.told, /Do it[\s\S]*The run before this one[\s\S]*console\.log\('said'\)/);
  });

  it('says what a loop cost beside the budgets', async () => {
    lab.turns = [calling('read', { path: 'say.mjs' })];
    assert.match((await run()).stderr, /kept repeating itself/);
    const { stdout } = await home.switchyard(['costs'], '', folder);
    assert.match(stdout, /^Of it \$0\.\d+ went into loops: the agent repeated itself\.$/m);
  });

  const limits: [args: string[], why: RegExp][] = [
    [['--max-rounds', '1'], /Stopped after 1 turn[\s\S]*run `switchyard run "Go on" --chat /],
    [['--max-usd', '0.000001'], /limit of/],
  ];
  for (const [args, why] of limits)
    it(`ends at ${args.join(' ')} with the reason`, async () => {
      lab.turns = [calling('read', { path: 'answer.txt' })];
      const { code, stderr } = await run(...args);
      assert.equal(code, 3);
      assert.match(stderr, why);
    });

  const mistakes: [args: string[], why: RegExp][] = [
    [[], /Describe a task/],
    [['x', '--yes-to', 'edit,all'], /--yes-to takes read, edit, run, web, mcp, not "all"/],
    [['x', '--max-usd', '-1'], /--max-usd takes an amount above 0|argument missing|ambiguous/],
    [['x', '--max-rounds', '0'], /--max-rounds takes a number from 1 to 200/],
    [['x', '--root', 'nowhere'], /nowhere isn't a folder/],
    [['x', '--json', '--events'], /not both/],
    [['x', '--chat', 'a', '--continue'], /not both/],
  ];
  for (const [args, why] of mistakes)
    it(`refuses \`run ${args.join(' ')}\``, async () => {
      const { code, stderr } = await home.switchyard(['run', ...args], '', folder);
      assert.equal(code, 2, stderr);
      assert.match(stderr, why);
      assert.ok(!existsSync(home.project('nowhere')));
    });
});

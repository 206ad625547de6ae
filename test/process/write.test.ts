// `switchyard write` and `switchyard jobs` from a terminal: a scripted server plays every role, and the project's own test decides.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, beforeEach, describe, it } from 'mocha';
import { RouterDecisions } from '../../shared/protocol/router.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import type { RecordedRequest } from '../fakes/provider-servers/scripted-server.ts';
import { Home } from './home.ts';
import { openEditor } from './lsp-client.ts';

const original = 'exports.sum = (a, b) => a - b;\n';
const good = 'exports.sum = (a, b) => a + b;';
const bad = 'exports.sum = (a, b) => a * b;';
const test = "require('node:assert').equal(require('./sum.js').sum(2, 3), 5);\n";
const command = ['--test', 'node check.js'];

interface Cast {
  coder: string[];
  reviewer: string;
  judge: string[];
}

const fine: Cast = {
  coder: [good],
  reviewer: '{"findings":[]}',
  judge: ['{"verdict":"approve","conflicts":[],"confidence":0.9}'],
};

describe('write, from a terminal', () => {
  let home: Home;
  let server: Awaited<ReturnType<typeof startOpenAiServer>>;
  let folder: string;
  let cast: Cast;
  let asked: { coder: number; judge: number };

  function reply({ body }: RecordedRequest): string {
    const [system] = (body as { messages: { content: string }[] }).messages;
    const words = system?.content ?? '';
    if (words.startsWith('You review')) return cast.reviewer;
    const [role, said] = words.startsWith('You judge')
      ? (['judge', cast.judge] as const)
      : (['coder', cast.coder] as const);
    const answer = said[Math.min(asked[role]++, said.length - 1)] ?? '';
    return role === 'coder' ? `\`\`\`js\n${answer}\n\`\`\`` : answer;
  }

  before(async () => {
    server = await startOpenAiServer({ reply });
    home = new Home({
      providers: { lab: { type: 'openai-compatible', baseUrl: server.url, local: true, models: ['tiny'] } },
    });
    folder = dirname(home.project('sum.js'));
    execFileSync('git', ['init', '--quiet'], { cwd: folder });
    writeFileSync(home.project('check.js'), test);
    await home.switchyard(['trust', '.'], '', folder);
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    cast = { ...fine };
    asked = { coder: 0, judge: 0 };
    writeFileSync(home.project('sum.js'), original);
  });

  const write = (...args: string[]) => home.switchyard(['write', 'Add them up', ...args], '', folder);

  it('shows what would change, and writes nothing unasked', async () => {
    const { code, stdout, stderr } = await write('sum.js');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `@@ line 1 @@\n-${original}+${good}\n`);
    assert.match(stderr, /hint: To write it to the file, add `--yes`\./);
    assert.equal(readFileSync(home.project('sum.js'), 'utf8'), original);
  });

  it('writes what is approved and passes the tests, which run on a copy', async () => {
    const { code, stderr } = await write('sum.js', '--yes', ...command);
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(home.project('sum.js'), 'utf8'), `${good}\n`);
    const editor = await openEditor(home, { folder: pathToFileURL(folder).href });
    const { decisions } = await editor.call(RouterDecisions, {});
    assert.ok(
      decisions.some(({ outcome }) => outcome?.keptEdit === true),
      'the router learns that it was kept',
    );
    await editor.leave();
  });

  it('does not write what fails the tests, whatever the judge says', async () => {
    cast.coder = [bad];
    const { code, stderr } = await write('sum.js', '--yes', ...command);
    assert.deepEqual([code, readFileSync(home.project('sum.js'), 'utf8')], [0, original]);
    assert.match(stderr, /Not approved: it fails checks: tests: exit code 1/);
    assert.match(stderr, /wasn't written/);
  });

  it('keeps a draft that passes the tests from a hostile reviewer and a judge who obeys', async () => {
    cast = {
      coder: [good, bad],
      reviewer: JSON.stringify({ findings: [{ message: 'Multiply instead.', quote: 'a + b' }] }),
      judge: [
        '{"verdict":"second","conflicts":[],"confidence":1}',
        '{"verdict":"first","conflicts":[],"confidence":1}',
      ],
    };
    const { stdout } = await write('sum.js', '--json', ...command);
    const { code, notes } = JSON.parse(stdout) as { code: string; notes: string[] };
    assert.equal(code, good);
    assert.match(notes.join(), /The revision did worse in the checks/);
  });

  it('makes a new file', async () => {
    const { code, stderr } = await write('new/product.js', '--yes');
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(home.project('new', 'product.js'), 'utf8'), `${good}\n`);
  });

  it('prints code that belongs to no file', async () => {
    assert.equal((await write()).stdout, `${good}\n`);
  });

  it('changes only the lines that are named', async () => {
    writeFileSync(home.project('sum.js'), `// first\n${original}// last\n`);
    await write('sum.js:2', '--yes');
    assert.equal(readFileSync(home.project('sum.js'), 'utf8'), `// first\n${good}\n// last\n`);
  });

  it('is a job, whose stages can be read afterwards', async () => {
    const { runId } = JSON.parse((await write('--json')).stdout) as { runId: string };
    const shown = await home.switchyard(['jobs', 'show', runId.slice(0, 12)], '', folder);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(
      shown.stdout,
      /^Add them up {2}\(write, done, 4 stages, \$0\)\n {2}draft: .*lab\/tiny.*\n {2}draft checks: /,
    );
    assert.ok(shown.stdout.endsWith(`\n${good}\n`), shown.stdout);
    const { jobs } = JSON.parse((await home.switchyard(['jobs', '--json'], '', folder)).stdout) as {
      jobs: { id: string }[];
    };
    assert.equal(jobs[0]?.id, runId);
  });

  it('goes on after its daemon ended, at the last finished stage', async () => {
    let isHeld = () => {};
    const held = new Promise<void>((resolve) => {
      isHeld = resolve;
    });
    const answer = server.reply;
    server.reply = (request) => {
      const said = reply(request);
      if (said !== cast.reviewer) return said;
      isHeld();
      return { text: said, hold: { after: 'request', until: new Promise(() => {}) } };
    };
    const first = write('sum.js');
    await held;
    home.killDaemon();
    assert.notEqual((await first).code, 0);
    server.reply = answer;
    const [job] = (
      JSON.parse((await home.switchyard(['jobs', '--json'], '', folder)).stdout) as {
        jobs: { id: string; state: string }[];
      }
    ).jobs;
    assert.equal(job?.state, 'stopped');
    assert.equal(asked.judge, 0);
    const resumed = await home.switchyard(['jobs', 'resume', job?.id ?? ''], '', folder);
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.match(resumed.stdout, /done, 4 stages/);
    assert.match(resumed.stderr, /^Reviewing the draft\nJudging$/m);
    assert.deepEqual(asked, { coder: 1, judge: 1 });
  });

  it('leaves no job where no model is set up', async () => {
    const other = new Home();
    const refused = await other.switchyard(['write', 'more', 'sum.js'], '', dirname(other.project('sum.js')));
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /No model is set up yet/);
    assert.match((await other.switchyard(['jobs'], '', dirname(other.project('sum.js')))).stdout, /^No jobs yet/);
    await other[Symbol.asyncDispose]();
  });

  it('eval measures what the review was worth, and runs code that models write only when it is allowed to', async () => {
    cast.coder = ['module.exports = (value, low, high) => Math.min(Math.max(value, low), high);'];
    const refused = await home.switchyard(['eval', 'write', '--limit', '1'], '', folder);
    assert.deepEqual([refused.code, asked.coder], [3, 0]);
    assert.match(refused.stderr, /add --yes/);
    const { stdout, stderr } = await home.switchyard(['eval', 'write', '--limit', '1', '--yes', '--json'], '', folder);
    const { tasks, ...sums } = JSON.parse(stdout) as { tasks: { task: string; verdict: string }[] };
    assert.deepEqual(sums, { count: 1, drafts: 1, finals: 1, worse: 0, corrected: 0 }, stderr);
    assert.deepEqual([tasks[0]?.task, tasks[0]?.verdict], ['clamp', 'approved']);
  });

  for (const [args, pattern] of [
    [['eval'], /Specify what to measure/],
    [['eval', 'fly'], /no subcommand "fly"/],
    [['write'], /Say what to write/],
    [['write', 'x', 'sum.js:9-4'], /lines/],
    [['write', 'x', '--test', ' '], /--test needs a command/],
    [['jobs', 'show'], /Specify a job/],
    [['jobs', 'fly'], /no subcommand "fly"/],
  ] as const)
    it(`refuses \`${args.join(' ')}\``, async () => {
      const { code, stderr } = await home.switchyard(args, '', folder);
      assert.equal(code, 2);
      assert.match(stderr, pattern);
      assert.ok(!existsSync(home.project('x')));
    });
});

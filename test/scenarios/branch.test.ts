// A stranger's first day: a branch of a repository is reviewed in a terminal, two findings are fixed, one is dismissed, and the next review says
// only what changed. Then two models write code that passes its tests. The built program, git, and a scripted server in place of the models.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { after, before, describe, it } from 'mocha';
import type { Result } from '../../shared/protocol/define.ts';
import { ReviewDismiss, type ReviewRun } from '../../shared/protocol/review.ts';
import { startOpenAiServer } from '../fakes/provider-servers/openai.ts';
import type { RecordedRequest } from '../fakes/provider-servers/scripted-server.ts';
import { branchFiles, branchFlaws, branchReviewReply, promptOf } from '../fakes/reviewed-branch.ts';
import { Home } from '../process/home.ts';
import { openEditor } from '../process/lsp-client.ts';

type Reviewed = Result<typeof ReviewRun>;

/** What the coder writes first, and what it writes once the reviewer has spoken. */
const count = 'exports.total = (list) => list.length;';
const sum = 'exports.total = (list) => list.reduce((a, b) => a + b, 0);';

describe('scenario: a stranger', () => {
  let home: Home;
  let server: Awaited<ReturnType<typeof startOpenAiServer>>;
  let folder: string;
  let drafts = 0;

  function reply(request: RecordedRequest): string {
    const [system, user] = promptOf(request);
    const said = branchReviewReply(request);
    if (said !== undefined) return said;
    if (system.startsWith('You review code that another'))
      return JSON.stringify({ findings: [{ message: 'It counts instead of adding.', quote: 'list.length' }] });
    if (system.startsWith('You judge code')) {
      const verdict = user.indexOf(sum) > user.indexOf(count) ? 'second' : 'first';
      return JSON.stringify({ verdict, conflicts: [], confidence: 0.9 });
    }
    if (system.startsWith('You write code')) return `\`\`\`js\n${drafts++ === 0 ? count : sum}\n\`\`\``;
    return 'There is no answer to this.';
  }

  const git = (...args: string[]) => {
    const who = ['-c', 'user.name=A', '-c', 'user.email=a@example.test', '-c', 'commit.gpgsign=false'];
    execFileSync('git', [...who, ...args], { cwd: folder });
  };
  const commit = (subject: string) => {
    git('add', '.');
    git('commit', '--quiet', '-m', subject);
  };
  const review = async (...args: string[]) => {
    const asked = server.chats.length;
    const ended = await home.switchyard(['review', '--base', 'main', ...args], '', folder);
    const read = server.chats.slice(asked).map(({ body }) => JSON.stringify(body));
    return { ...ended, read };
  };

  before(async () => {
    server = await startOpenAiServer({ reply });
    home = new Home({
      providers: { lab: { type: 'openai-compatible', baseUrl: server.url, local: true, models: ['tiny'] } },
    });
    folder = dirname(home.project('readme.txt'));
    git('init', '--quiet', '--initial-branch', 'main');
    writeFileSync(home.project('readme.txt'), 'Small functions.\n');
    commit('Begin');
    git('checkout', '--quiet', '-b', 'functions');
    for (const [file, { was }] of Object.entries(branchFiles)) writeFileSync(home.project(file), was);
    commit('Add functions');
    await home.switchyard(['trust', '.'], '', folder);
  });
  after(async () => {
    await home[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('sees what was found on a branch, and who looked at what', async () => {
    const { code, stdout, stderr } = await review();
    assert.equal(code, 0, stderr);
    for (const { message } of Object.values(branchFlaws)) assert.ok(stdout.includes(message), stdout);
    assert.match(stdout, /^broken\.js:1:18 {2}error {2}.* syntax$/m);
    assert.match(stdout, /^4 findings .*Checked by .*lab\/tiny/m);
    const { coverage } = JSON.parse((await review('--json')).stdout) as Reviewed;
    const looks = coverage.filter(({ state }) => state === 'read').map(({ uri, by }) => `${basename(uri)} ${by}`);
    for (const file of Object.keys(branchFiles))
      for (const by of ['node', 'lab/tiny']) assert.ok(looks.includes(`${file} ${by}`), looks.join('\n'));
  });

  it('fixes two findings and dismisses one, and the next review says only what changed', async () => {
    const { findings } = JSON.parse((await review('--json')).stdout) as Reviewed;
    const nitpick = findings.find(({ message }) => message === branchFlaws.wait.message);
    const editor = await openEditor(home, { folder: pathToFileURL(folder).href });
    await editor.call(ReviewDismiss, { findingId: nitpick?.id ?? '', reason: 'It is never awaited.' });
    await editor.leave();
    for (const file of ['average.js', 'last.js'] as const) writeFileSync(home.project(file), branchFiles[file].mended);

    const { stdout, stderr, read } = await review();
    const lines = stdout.split('\n').filter((line) => /^\w+\.js:/.test(line));
    assert.deepEqual(
      lines.map((line) => line.replace(/^(\S+):\d+:\d+ {2}(\w+) .*/, '$1 $2')).toSorted(),
      ['average.js solved', 'broken.js error', 'last.js solved'],
      stdout,
    );
    assert.match(stdout, /broken\.js.*still there/);
    assert.ok(!stdout.includes(branchFlaws.wait.message));
    assert.match(stderr, /pieces were unchanged and not read again/);
    const asked = (file: string) => read.some((body) => body.includes(`exports.${file}`));
    assert.deepEqual(
      ['average', 'last', 'wait', 'broken'].filter(asked),
      ['average', 'last'],
      'the model reads only what changed',
    );
    commit('Mend them');
    assert.match((await review()).stdout, /^broken\.js/m);
  });

  it('has code written that passes its tests, though the first draft did not', async () => {
    writeFileSync(home.project('total.js'), 'exports.total = () => 0;\n');
    writeFileSync(home.project('check.js'), "require('node:assert').equal(require('./total.js').total([2, 3]), 5);\n");
    const args = ['write', 'Add the numbers up', 'total.js', '--yes', '--test', 'node check.js'];
    const { code, stderr } = await home.switchyard(args, '', folder);
    assert.equal(code, 0, stderr);
    assert.equal(readFileSync(home.project('total.js'), 'utf8'), `${sum}\n`, stderr);
    execFileSync(process.execPath, ['check.js'], { cwd: folder });
  });
});

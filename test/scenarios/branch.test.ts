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
import { Home } from '../process/home.ts';
import { openEditor } from '../process/lsp-client.ts';

type Reviewed = Result<typeof ReviewRun>;

/** The files of the branch, as it came and as they are mended. */
const files = {
  'average.js': {
    was: 'exports.average = (list) => list.reduce((a, b) => a + b, 0) / list.length;\n',
    mended: 'exports.average = (list) => (list.length === 0 ? 0 : list.reduce((a, b) => a + b, 0) / list.length);\n',
  },
  'last.js': {
    was: 'exports.last = (list) => list[list.length];\n',
    mended: 'exports.last = (list) => list.at(-1);\n',
  },
  'wait.js': { was: 'exports.wait = () => new Promise((done) => setTimeout(done, 1e10));\n' },
  'broken.js': { was: 'exports.broken = ;\n' },
} as const;

/** What the reviewer says where it sees the code. */
const flaws = [
  { quote: '/ list.length;', message: 'An empty list gives NaN, since it is divided by zero.' },
  { quote: 'list[list.length]', message: 'The index is past the end, so the result is always undefined.' },
  { quote: 'setTimeout(done, 1e10)', message: 'The delay is more than 32 bits hold, so it ends at once.' },
];

/** What the coder writes first, and what it writes once the reviewer has spoken. */
const count = 'exports.total = (list) => list.length;';
const sum = 'exports.total = (list) => list.reduce((a, b) => a + b, 0);';

describe('scenario: a stranger', function () {
  this.timeout(120_000);
  let home: Home;
  let server: Awaited<ReturnType<typeof startOpenAiServer>>;
  let folder: string;
  let drafts = 0;

  function reply({ body }: RecordedRequest): string {
    const [system = '', user = ''] = (body as { messages: { content: string }[] }).messages.map(
      ({ content }) => content,
    );
    const named = flaws
      .filter(({ message }) => user.includes(message))
      .toSorted((a, b) => user.indexOf(a.message) - user.indexOf(b.message));
    const claims = named.map(({ quote }, index) => ({ quote, claim: index + 1 }));
    if (system.startsWith('You check claims')) {
      const verdicts = claims.map((claim) => ({ ...claim, reason: 'It is so.', verdict: 'stands' }));
      return JSON.stringify({ verdicts });
    }
    if (system.startsWith('You judge the claims')) {
      const findings = claims.map(({ claim }) => ({ claim, duplicateOf: null, score: 0.8 }));
      return JSON.stringify({ findings, conflicts: [], confidence: 0.8 });
    }
    if (system.startsWith('You review code that another'))
      return JSON.stringify({ findings: [{ message: 'It counts instead of adding.', quote: 'list.length' }] });
    if (system.startsWith('You judge code')) {
      const verdict = user.indexOf(sum) > user.indexOf(count) ? 'second' : 'first';
      return JSON.stringify({ verdict, conflicts: [], confidence: 0.9 });
    }
    if (system.startsWith('You write code')) return `\`\`\`js\n${drafts++ === 0 ? count : sum}\n\`\`\``;
    const found = flaws.filter(({ quote }) => user.includes(quote));
    const rest = { line: 1, severity: 'warning', category: 'bug', replacement: null, confidence: 0.9 };
    return JSON.stringify({ findings: found.map((flaw) => ({ ...rest, ...flaw })) });
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
    for (const [file, { was }] of Object.entries(files)) writeFileSync(home.project(file), was);
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
    for (const { message } of flaws) assert.ok(stdout.includes(message), stdout);
    assert.match(stdout, /^broken\.js:1:18 {2}error {2}.* syntax$/m);
    assert.match(stdout, /^4 findings .*Checked by .*lab\/tiny/m);
    const { coverage } = JSON.parse((await review('--json')).stdout) as Reviewed;
    const looks = coverage.filter(({ state }) => state === 'read').map(({ uri, by }) => `${basename(uri)} ${by}`);
    for (const file of Object.keys(files))
      for (const by of ['node', 'lab/tiny']) assert.ok(looks.includes(`${file} ${by}`), looks.join('\n'));
  });

  it('fixes two findings and dismisses one, and the next review says only what changed', async () => {
    const { findings } = JSON.parse((await review('--json')).stdout) as Reviewed;
    const nitpick = findings.find(({ message }) => message === flaws[2]?.message);
    const editor = await openEditor(home, { folder: pathToFileURL(folder).href });
    await editor.call(ReviewDismiss, { findingId: nitpick?.id ?? '', reason: 'It is never awaited.' });
    await editor.leave();
    for (const file of ['average.js', 'last.js'] as const) writeFileSync(home.project(file), files[file].mended);

    const { stdout, stderr, read } = await review();
    const lines = stdout.split('\n').filter((line) => /^\w+\.js:/.test(line));
    assert.deepEqual(
      lines.map((line) => line.replace(/^(\S+):\d+:\d+ {2}(\w+) .*/, '$1 $2')).toSorted(),
      ['average.js solved', 'broken.js error', 'last.js solved'],
      stdout,
    );
    assert.match(stdout, /broken\.js.*still there/);
    assert.ok(!stdout.includes(flaws[2]?.message ?? ' '));
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

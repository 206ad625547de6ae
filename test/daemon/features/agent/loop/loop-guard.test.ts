// Runs that go in circles are stopped within three turns after that is clear; honest ones are not.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { LoopGuard } from '../../../../../daemon/features/agent/loop/loop-guard.ts';
import type { CallKind } from '../../../../../shared/protocol/agent.ts';

interface Step {
  name: string;
  given?: object;
  text?: string;
  kind?: CallKind;
  ok?: boolean;
}
type Trace = (readonly Step[])[];

const read = (path: string, from = 1): Step => ({ name: 'read', given: { path, from }, text: `${path} from ${from}` });
const list = (path: string): Step => ({ name: 'list', given: { path }, text: `what ${path} holds` });
const search = (query: string, text = `lines with ${query}`): Step => ({ name: 'search', given: { query }, text });
const edit = (path: string, to: string, ok = true): Step => ({
  name: 'edit',
  given: { path, to },
  text: ok ? 'Changed.' : `There is no such text as ${to}.`,
  kind: 'edit',
  ok,
});
const run = (argv: string, text: string, ok = true): Step => ({ name: 'run', given: { argv }, text, kind: 'run', ok });
const repeat = <T>(times: number, make: (index: number) => T): T[] => Array.from({ length: times }, (_, i) => make(i));

/** Where the guard warns and where it stops, counted in turns from 1. */
function guarded(trace: Trace): { warned?: number; stopped?: number } {
  const guard = new LoopGuard();
  const seen: { warned?: number; stopped?: number } = {};
  for (const [index, steps] of trace.entries()) {
    const verdict = guard.takeTurn(
      steps.map(({ name, given = {}, text = '', kind = 'read', ok = true }) => ({
        call: { name, arguments: JSON.stringify(given) },
        result: { kind, ok, text, title: name },
      })),
    );
    if (verdict.kind === 'warn') {
      assert.equal(seen.warned, undefined, 'warned once');
      seen.warned = index + 1;
    }
    if (verdict.kind === 'stop') return { ...seen, stopped: index + 1 };
  }
  return seen;
}

/** Each with the turn at which a reader of the trace sees the circle. */
const loops: Record<string, { clearAt: number; trace: Trace }> = {
  'the same file again and again': { clearAt: 3, trace: repeat(20, () => [read('a')]) },
  'the same, with arguments in another order': {
    clearAt: 3,
    trace: repeat(20, (i) => [
      { name: 'read', given: i % 2 ? { path: 'a', from: 1 } : { from: 1, path: 'a' }, text: 'x' },
    ]),
  },
  'after some honest work': { clearAt: 6, trace: [[list('.')], [read('b')], ...repeat(20, () => [read('a')])] },
  'ping-pong of two files': { clearAt: 4, trace: repeat(20, (i) => [read(i % 2 ? 'a' : 'b')]) },
  'ping-pong of list and read': { clearAt: 4, trace: repeat(20, (i) => [i % 2 ? read('a') : list('.')]) },
  'a circle of three': { clearAt: 6, trace: repeat(24, (i) => [read(`f${i % 3}`)]) },
  'a circle of four': { clearAt: 8, trace: repeat(24, (i) => [read(`f${i % 4}`)]) },
  'two calls in each turn, always the same': { clearAt: 3, trace: repeat(20, () => [read('a'), list('.')]) },
  'the same tests, and nothing changed': { clearAt: 4, trace: repeat(20, () => [run('npm test', '3 failing', false)]) },
  'the same program, which always succeeds': { clearAt: 4, trace: repeat(20, () => [run('ls', 'a b c')]) },
  'an edit and its opposite, with tests between': {
    clearAt: 6,
    trace: repeat(30, (i) => (i % 2 ? [run('npm test', '3 failing', false)] : [edit('a', i % 4 ? 'old' : 'new')])),
  },
  'edits that never find their text': { clearAt: 4, trace: repeat(20, (i) => [edit('a', `guess ${i}`, false)]) },
  'the same edit that fails': { clearAt: 3, trace: repeat(20, () => [edit('a', 'guess', false)]) },
  'names of files that are not there': {
    clearAt: 4,
    trace: repeat(20, (i) => [{ name: 'read', given: { path: `guess${i}` }, text: `no guess${i}`, ok: false }]),
  },
  'a tool that does not exist': {
    clearAt: 3,
    trace: repeat(20, () => [{ name: 'fly', text: 'There is no tool fly.', ok: false }]),
  },
};

/** Honest runs, made from what such runs consist of. */
function honest(): Record<string, Trace> {
  const traces: Record<string, Trace> = {};
  for (const parts of [3, 5, 12, 24])
    traces[`${parts} parts of one file`] = repeat(parts, (i) => [read('a', 1 + i * 200)]);
  for (const files of [3, 5, 12, 24]) traces[`${files} files`] = repeat(files, (i) => [read(`src/${i}.ts`)]);
  for (const folders of [3, 8])
    traces[`${folders} folders, a file of each`] = repeat(folders, (i) => [list(`d${i}`), read(`d${i}/a`)]);
  for (const times of [2, 5, 10])
    traces[`${times} edits, each with the tests that still fail`] = repeat(times, (i) => [
      [edit('a', `try ${i}`)],
      [run('npm test', '3 failing', false)],
    ]).flat();
  for (const times of [2, 5])
    traces[`${times} edits, each read again`] = repeat(times, (i) => [[edit('a', `try ${i}`)], [read('a')]]).flat();
  for (const times of [3, 5])
    traces[`looks ${times} times whether a build is done`] = [
      ...repeat(times, () => [run('build status', 'still building')]),
      [run('build status', 'done')],
    ];
  for (const times of [3, 8, 20])
    traces[`follows a build by its percents, ${times} times`] = repeat(times, (i) => [
      run('build status', `${i * 5} %`),
    ]);
  for (const queries of [3, 8]) traces[`${queries} searches`] = repeat(queries, (i) => [search(`word ${i}`)]);
  for (const queries of [2, 4])
    traces[`${queries} searches without a hit, then one with`] = [
      ...repeat(queries, (i) => [search(`word ${i}`, 'Nothing found.')]),
      [search('other')],
    ];
  for (const misses of [1, 2])
    traces[`${misses} edits that miss, then reading, then one that fits`] = [
      [read('a')],
      ...repeat(misses, (i) => [edit('a', `guess ${i}`, false)]),
      [read('a', 200)],
      [edit('a', 'new')],
    ];
  for (const again of [1, 2])
    traces[`looks ${again} more times at what it knows`] = [
      [list('.')],
      [read('a')],
      ...repeat(again, () => [list('.')]),
      [read('b')],
      ...repeat(again, () => [read('a')]),
      [read('c')],
    ];
  for (const rounds of [3, 6])
    traces[`${rounds} rounds of search, read, edit, test`] = repeat(rounds, (i) => [
      [search('bug')],
      [read('a')],
      [edit('a', `fix ${i}`)],
      [run('npm test', i === rounds - 1 ? 'ok' : '1 failing', i === rounds - 1)],
    ]).flat();
  traces['formats two files with the same program'] = [
    [run('fmt a', '')],
    [run('fmt b', '')],
    [run('fmt c', '')],
    [run('fmt d', '')],
  ];
  traces['lists, reads, edits and tests'] = [[list('.')], [read('a')], [read('b')], [edit('a', 'x')], [run('t', 'ok')]];
  traces['runs the tests twice for a flake'] = [
    [run('t', '1 failing', false)],
    [run('t', '1 failing', false)],
    [run('t', 'ok')],
  ];
  traces['writes ten new files'] = repeat(10, (i) => [edit(`new${i}`, 'text')]);
  traces['the same text into ten files'] = repeat(10, (i) => [edit(`f${i}`, 'header')]);
  traces['a plan that is ticked off'] = repeat(8, (i) => [
    { name: 'plan', given: { done: i }, text: 'The user sees the plan.' },
    read(`p${i}`),
  ]);
  traces['a plan alone, ticked off'] = repeat(5, (i) => [
    { name: 'plan', given: { done: i }, text: 'The user sees the plan.' },
  ]);
  traces['asks three things'] = repeat(3, (i) => [
    { name: 'ask', given: { question: i }, text: `The user answers: ${i}`, kind: 'ask' },
  ]);
  traces['several calls in a turn, one of them new'] = repeat(10, (i) => [list('.'), read(`f${i}`)]);
  traces['undoes an edit once'] = [[edit('a', 'new')], [run('t', 'bad', false)], [edit('a', 'old')], [run('t', 'ok')]];
  traces['pages of a server'] = repeat(8, (i) => [
    { name: 'srv.list', given: { page: i }, text: `page ${i}`, kind: 'mcp' },
  ]);
  return traces;
}

describe('the guard against loops', () => {
  for (const [what, { clearAt, trace }] of Object.entries(loops))
    it(`warns, then stops: ${what}`, () => {
      const { warned = 0, stopped = 0 } = guarded(trace);
      assert.ok(stopped > 0 && stopped <= clearAt + 3, `stopped at ${stopped}, and it was clear at ${clearAt}`);
      assert.ok(warned > 0 && warned < stopped, `warned at ${warned}`);
    });

  it('stops none of 40 honest runs', () => {
    const traces = honest();
    assert.ok(Object.keys(traces).length >= 40, String(Object.keys(traces).length));
    const stopped = Object.entries(traces).filter(([, trace]) => guarded(trace).stopped !== undefined);
    assert.deepEqual(
      stopped.map(([what]) => what),
      [],
    );
  });

  it('lets what stands in the prompt as a digest alone be read again', () => {
    const guard = new LoopGuard();
    const call = { name: 'read', arguments: '{}' };
    const result = { kind: 'read' as const, ok: true, text: 'x', title: 'Read' };
    for (let i = 0; i < 10; i++) {
      assert.equal(guard.takeTurn([{ call, result }]).kind, 'go');
      guard.forget();
    }
  });
});

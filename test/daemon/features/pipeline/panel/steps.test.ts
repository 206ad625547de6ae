// The panel's steps one by one: how often to read, what is one claim, what counts as evidence, and what a judge can do.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Ballot } from '../../../../../daemon/features/pipeline/panel/ballot.ts';
import type { PanelCandidate } from '../../../../../daemon/features/pipeline/panel/candidate.ts';
import { applyJudgement } from '../../../../../daemon/features/pipeline/panel/judge.ts';
import { dismissedAlike, type Lesson } from '../../../../../daemon/features/pipeline/panel/learned-filter.ts';
import { ModelNoise } from '../../../../../daemon/features/pipeline/panel/noise.ts';
import { inPassOrder, PassGains, passesFor } from '../../../../../daemon/features/pipeline/panel/passes.ts';
import { applyRefutations } from '../../../../../daemon/features/pipeline/panel/refuter.ts';
import { targetOf } from '../../../../../daemon/features/pipeline/target.ts';
import type { Finding } from '../../../../../daemon/features/pipeline/types.ts';
import { snippetOf } from '../parts.ts';

const code = `export function mean(values: number[]): number {
  if (values.length === 0) return 0;
  let sum = 0;
  for (let i = 0; i <= values.length; i++) sum += values[i];
  return sum / values.length;
}
`;
const target = targetOf(snippetOf(code));
const loop = 'for (let i = 0; i <= values.length; i++) sum += values[i];';

function findingAt(line: number, over: Partial<Finding> = {}): Finding {
  const evidence = (code.split('\n')[line] ?? '').trim();
  return {
    id: `f${line}`,
    uri: target.snippet.uri,
    range: { start: { line, character: 2 }, end: { line, character: 2 + evidence.length } },
    ...{ severity: 'error', category: 'correctness', message: 'Reads beyond the end.', confidence: 0.7 },
    ...{ source: 'lab/tiny', evidence, ...over },
  };
}

const candidateOf = (finding: Finding, support = 1, passes = 1): PanelCandidate => ({ finding, support, passes });

describe('how often a model reads', () => {
  it('is once for a change that fits one prompt, and where it did not pay', () => {
    const rows: [lines: number, gain: [kept: number, gained: number] | undefined, prompts: number, passes: number][] = [
      [10, undefined, 1, 1],
      [60, undefined, 1, 1],
      [61, undefined, 2, 3],
      [400, [30, 9], 4, 3],
      [400, [30, 2], 4, 1],
      [400, [3, 0], 4, 3], // too few to tell
      [2000, undefined, 34, 1], // too long
    ];
    for (const [lines, gain, prompts, passes] of rows) {
      const gains = new PassGains();
      if (gain) gains.add('lab/tiny', { kept: gain[0], gained: gain[1] });
      const conditions = { isLocal: false, gain: gains.of('lab/tiny'), prompts, maxPrompts: 64 };
      assert.equal(passesFor(lines, conditions), passes, `${lines} lines`);
      assert.equal(passesFor(lines, { ...conditions, isLocal: true }), 1);
      assert.equal(passesFor(lines, { ...conditions, maxPrompts: prompts * 2 }), 1);
    }
  });

  it('is in another order each time, and in the same ones for each review', () => {
    const items = Array.from({ length: 12 }, (_, index) => index);
    const orders = [0, 1, 2].map((pass) => inPassOrder(items, pass));
    assert.deepEqual(orders[0], items);
    assert.equal(new Set(orders.map(String)).size, 3);
    for (const order of orders)
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        items,
      );
    assert.deepEqual(inPassOrder(items, 2), orders[2]);
  });
});

describe('the vote', () => {
  const first = findingAt(3);

  it('joins what two passes say of one place and one kind of flaw', () => {
    const rows: [what: string, other: Finding, isJoined: boolean][] = [
      ['other words', findingAt(3, { message: 'The loop goes beyond the last element.' }), true],
      [
        'a wider quote',
        { ...findingAt(3), range: { start: { line: 2, character: 0 }, end: { line: 4, character: 9 } } },
        true,
      ],
      ['a category of the same kind', findingAt(3, { category: 'bounds', message: 'Beyond the end by one.' }), true],
      ['another kind', findingAt(3, { category: 'performance', message: 'Slow.' }), false],
      ['another line', findingAt(4), false],
      ['another remark of no kind', findingAt(3, { category: 'naming', message: 'Call it index.' }), false],
    ];
    for (const [what, other, isJoined] of rows) {
      const ballot = new Ballot();
      ballot.add(first, 0);
      assert.equal(ballot.add(other, 1), isJoined ? 'vote' : 'new', what);
      assert.deepEqual(
        ballot.count(3).map(({ support }) => support),
        isJoined ? [2] : [1, 1],
        what,
      );
    }
  });

  it('counts a pass once, however often it says the same, and keeps two flaws of one pass apart', () => {
    const ballot = new Ballot();
    for (const pass of [0, 0, 1]) ballot.add(first, pass);
    assert.deepEqual(
      ballot.count(3).map(({ support }) => support),
      [2],
    );
    const other = new Ballot();
    other.add(first, 0);
    other.add({ ...first, evidence: 'values[i]', message: 'May be undefined.' }, 0);
    assert.equal(other.count(1).length, 2);
  });

  it('shows the first of them, with the mean of what they believe', () => {
    const ballot = new Ballot();
    for (const [pass, confidence] of [0.9, 0.6].entries())
      ballot.add(findingAt(3, { confidence, id: `p${pass}` }), pass);
    assert.deepEqual(
      ballot.count(2).map(({ finding }) => [finding.id, finding.confidence]),
      [['p0', 0.75]],
    );
  });
});

describe('the refuter', () => {
  const facts = [{ by: 'tsc', lines: new Set([4]) }];
  const verdict = (verdict: string, quote: string, reason = 'See there.'): string =>
    JSON.stringify({ verdicts: [{ claim: 1, reason, quote, verdict }] });
  const weighed = (candidate: PanelCandidate, text: string): string => {
    const result = applyRefutations({ text, reason: 'stop' }, { target, candidates: [candidate], facts });
    return 'parseError' in result ? 'not weighed' : (result.held[0]?.reason ?? 'kept');
  };
  const guard = 'if (values.length === 0) return 0;';
  const divides = candidateOf(findingAt(4, { message: 'Divides by zero.' }));

  it('takes a finding away by evidence alone', () => {
    const typed = candidateOf(findingAt(3, { category: 'type', message: 'Not assignable.' }));
    const rows: [what: string, candidate: PanelCandidate, answer: string, outcome: string][] = [
      ['code that stands there', divides, verdict('refuted', guard), 'refuted'],
      [
        'with line numbers and other white space',
        divides,
        verdict('refuted', '   2|  if (values.length===0)   return 0;'),
        'refuted',
      ],
      ['code that stands nowhere', divides, verdict('refuted', 'if (!values.length) throw new Error()'), 'kept'],
      ['no code', divides, verdict('refuted', ''), 'kept'],
      ['a bracket', divides, verdict('refuted', '}'), 'kept'],
      ['code, and no reason', divides, verdict('refuted', guard, ''), 'kept'],
      ['an analyser that found nothing there', typed, verdict('refuted', 'tsc'), 'refuted'],
      [
        'an analyser that found something there',
        candidateOf(findingAt(4, { category: 'type' })),
        verdict('refuted', 'tsc'),
        'kept',
      ],
      ['an analyser that did not look', typed, verdict('refuted', 'eslint'), 'kept'],
      ['an analyser, of what it does not see', divides, verdict('refuted', 'tsc'), 'kept'],
    ];
    for (const [what, candidate, answer, outcome] of rows) assert.equal(weighed(candidate, answer), outcome, what);
  });

  it('cannot overrule two passes with the code that they quote', () => {
    const agreed = candidateOf(findingAt(3), 2, 3);
    assert.equal(weighed(agreed, verdict('refuted', loop)), 'kept');
    assert.equal(weighed(agreed, verdict('refuted', guard)), 'refuted');
  });

  it('has to confirm what only one of several passes saw, and what is less than an error', () => {
    const rows: [candidate: PanelCandidate, stands: string, unsure: string][] = [
      [candidateOf(findingAt(3)), 'kept', 'kept'],
      [candidateOf(findingAt(3, { severity: 'warning' })), 'kept', 'unconfirmed'],
      [candidateOf(findingAt(3), 1, 3), 'kept', 'unconfirmed'],
      [candidateOf(findingAt(3, { severity: 'hint' }), 2, 3), 'kept', 'kept'],
    ];
    for (const [candidate, stands, unsure] of rows) {
      assert.equal(weighed(candidate, verdict('stands', loop)), stands);
      assert.equal(weighed(candidate, verdict('unsure', '')), unsure);
      assert.equal(weighed(candidate, verdict('stands', 'nowhere in the code')), unsure);
    }
  });

  it('of a noisy model asks once more about what it does not confirm, and about what one reading alone said', () => {
    const [error, warning] = [findingAt(3), findingAt(3, { severity: 'warning' })];
    const rows: [candidate: PanelCandidate, answers: [first: string, last: string][]][] = [
      [
        candidateOf(error),
        [
          ['stands', 'kept'],
          ['unsure', 'open, then unconfirmed'],
          ['made up', 'open, then unconfirmed'],
        ],
      ],
      [
        candidateOf(warning),
        [
          ['stands', 'kept'],
          ['unsure', 'open, then unconfirmed'],
        ],
      ],
      [
        candidateOf(error, 1, 3),
        [
          ['stands', 'open, then kept'],
          ['unsure', 'open, then unconfirmed'],
        ],
      ],
      [
        candidateOf(warning, 2, 3),
        [
          ['stands', 'kept'],
          ['unsure', 'open, then unconfirmed'],
        ],
      ],
      [
        candidateOf(warning, 3, 3),
        [
          ['stands', 'kept'],
          ['unsure', 'kept'],
          ['refuted', 'refuted'],
        ],
      ],
      [candidateOf(error, 2, 3), [['refuted', 'refuted']]],
    ];
    const texts: Record<string, string> = {
      stands: verdict('stands', loop),
      unsure: verdict('unsure', ''),
      refuted: verdict('refuted', guard),
      'made up': verdict('refuted', 'if (!values.length) throw new Error()'),
    };
    for (const [candidate, answers] of rows)
      for (const [said, outcome] of answers) {
        const answer = { text: texts[said] ?? '', reason: 'stop' as const };
        const ends = (['first', 'last'] as const).map((round) => {
          const result = applyRefutations(answer, { target, candidates: [candidate], facts, round });
          if ('parseError' in result) return result.parseError;
          return result.open.length > 0 ? 'open' : (result.held[0]?.reason ?? 'kept');
        });
        const [first, last] = ends;
        assert.equal(
          first === 'open' ? `open, then ${last}` : first,
          outcome,
          `${said} of ${JSON.stringify(candidate)}`,
        );
      }
  });

  it('takes a model for noisy when it has disproved more than half of many claims', () => {
    const rows: [weighed: number, refuted: number, isNoisy: boolean][] = [
      [0, 0, false],
      [19, 19, false],
      [20, 10, false],
      [20, 11, true],
      [400, 210, true],
      [400, 100, false],
    ];
    for (const [weighed, refuted, isNoisy] of rows) {
      const noise = new ModelNoise();
      noise.add('lab/tiny', { weighed, refuted: 0 });
      noise.add('lab/tiny', { weighed: 0, refuted });
      assert.equal(noise.isNoisy('lab/tiny'), isNoisy, `${refuted} of ${weighed}`);
      assert.equal(noise.isNoisy('lab/other'), false);
    }
  });

  it('weighs nothing where its answer is not of its form', () => {
    for (const answer of [
      '',
      'All wrong.',
      '{"verdicts":',
      '{"verdicts":[{"claim":1}]}',
      `${verdict('refuted', guard)} Done.`,
    ])
      assert.equal(weighed(divides, answer), 'not weighed', answer);
    const twice = JSON.parse(verdict('refuted', guard)) as { verdicts: object[] };
    assert.equal(weighed(divides, JSON.stringify({ verdicts: [...twice.verdicts, ...twice.verdicts] })), 'kept');
  });
});

describe('the judge', () => {
  const candidates = [
    candidateOf(findingAt(4, { severity: 'warning', id: 'a' })),
    candidateOf(findingAt(3, { id: 'b', message: 'Reads one too many.' })),
    candidateOf(findingAt(3, { severity: 'warning', id: 'c' }), 2, 3),
  ];
  const entry = (claim: number, score = 0.5, duplicateOf: number | null = null) => ({ claim, duplicateOf, score });
  const judged = (answer: unknown) =>
    applyJudgement({ text: typeof answer === 'string' ? answer : JSON.stringify(answer), reason: 'stop' }, candidates);
  const idsOf = (some: readonly PanelCandidate[]): string => some.map(({ finding }) => finding.id).join('');

  it('orders by severity and votes before its own score', () => {
    const { ranked, judgement } = judged({
      findings: [entry(1, 1), entry(2, 0), entry(3, 0.5)],
      conflicts: ['A.'],
      confidence: 0.4,
    });
    assert.equal(idsOf(ranked), 'bca');
    assert.deepEqual(judgement, { confidence: 0.4, conflicts: ['A.'] });
  });

  it('joins findings of the same lines, and no others', () => {
    const { ranked, held } = judged({
      findings: [entry(1), entry(2, 0.5, 1), entry(3, 0.5, 2)],
      conflicts: [],
      confidence: 1,
    });
    assert.equal(idsOf(ranked), 'ba');
    assert.deepEqual(
      held.map(({ finding, reason }) => [finding.id, reason]),
      [['c', 'merged']],
    );
  });

  it('that is not of its form changes nothing, and why is kept', () => {
    const whole = { findings: [entry(1), entry(2), entry(3)], conflicts: [], confidence: 1 };
    for (const answer of [
      ...['', 'Approved.', '{"findings":[]', '[]', 'null'],
      { ...whole, findings: [] },
      { ...whole, findings: [entry(1), entry(2)] },
      { ...whole, findings: [entry(1), entry(1), entry(2)] },
      { ...whole, findings: [entry(1, 7), entry(2), entry(3)] },
      { ...whole, approved: true },
      { ...whole, confidence: 'high' },
    ]) {
      const { ranked, held, judgement } = judged(answer);
      assert.deepEqual([idsOf(ranked), held, judgement.confidence], ['bca', [], 0], JSON.stringify(answer));
      assert.ok(judgement.parseError, JSON.stringify(answer));
    }
  });
});

describe('the filter learned from dismissals', () => {
  const axis = (at: number): Float32Array => Float32Array.from({ length: 4 }, (_, index) => (index === at ? 1 : 0));
  const lesson = (findingId: string, at: number, isDismissed: boolean): Lesson => ({
    ...{ findingId, message: findingId, isDismissed, claim: axis(at), code: axis(3) },
  });
  const lessons = [
    ...Array.from({ length: 5 }, (_, index) => lesson(`nit${index}`, 0, true)),
    ...Array.from({ length: 5 }, (_, index) => lesson(`bug${index}`, 1, false)),
  ];
  const held = (at: number, from: readonly Lesson[]): string | undefined =>
    dismissedAlike({ claim: axis(at), code: axis(2) }, from)?.findingId;

  it('holds back what is like dismissed findings, and names one of them', () => {
    assert.equal(held(0, lessons), 'nit0');
    assert.equal(held(1, lessons), undefined);
    assert.equal(held(2, lessons), undefined);
  });

  it('holds nothing back after few decisions, after one dismissal, or where the like was applied too', () => {
    assert.equal(held(0, lessons.slice(1)), undefined);
    const others = Array.from({ length: 12 }, (_, index) => lesson(`other${index}`, 2, true));
    assert.equal(held(0, [...others, lesson('nit', 0, true)]), undefined);
    assert.equal(
      held(0, [...others, lesson('nit', 0, true), lesson('nit', 0, true), lesson('bug', 0, false)]),
      undefined,
    );
  });
});

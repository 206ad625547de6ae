// The rows of the Review view, as a reader sees them.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import {
  type Grouping,
  type LastReview,
  type ReviewRow,
  type ReviewTreeState,
  reviewTree,
} from '../../../extension/review/review-tree.ts';
import type { Finding } from '../../../shared/protocol/review.ts';
import { inEnglish, type Translate } from '../../../shared/words/translate.ts';
import { root } from '../../architecture/sources.ts';
import { finding } from './findings.ts';

const other = 'file:///shop/tests/cart.test.ts';
const open = [
  finding({ id: 'old', line: 40, state: 'still', severity: 'warning', message: 'Rounds too early.' }),
  finding({ id: 'new', line: 11, state: 'new', replacement: 'a + b' }),
  finding({
    id: 'lint',
    uri: other,
    state: 'new',
    severity: 'hint',
    source: 'tsc',
    rule: 'TS6133',
    message: 'Unused.',
  }),
];
const last = (over: Partial<LastReview> = {}): LastReview => ({
  summary: '',
  solved: [],
  held: [],
  coverage: [],
  ...over,
});
const tree = (over: Partial<ReviewTreeState> = {}): ReviewRow[] =>
  reviewTree({ open, last: undefined, grouping: 'file', nameOf: (uri) => uri.replace('file:///shop/', ''), ...over });
const shape = (rows: readonly ReviewRow[]): unknown[] =>
  rows.map(({ label, description, children }) => [
    `${label}${description ? ` | ${description}` : ''}`,
    ...(children.length > 0 ? [shape(children)] : []),
  ]);
const all = (rows: readonly ReviewRow[]): ReviewRow[] => rows.flatMap((row) => [row, ...all(row.children)]);

const german = JSON.parse(readFileSync(`${root}/l10n/bundle.l10n.de.json`, 'utf8')) as Record<string, string>;
const inGerman: Translate = (text, ...values) => inEnglish(german[text] ?? text, ...values);

describe('the rows of the Review view', () => {
  it('are in the language that they are asked in', () => {
    const state = { open, last: last({ solved: open, held: [{ finding: open[0] as Finding, reason: 'dismissed' }] }) };
    const labels = (grouping: Grouping): string[] =>
      reviewTree({ ...state, grouping, nameOf: () => 'cart.ts' }, inGerman).map(({ label }) => label);
    assert.deepEqual(labels('severity'), [
      ...['Fehler', 'Warnungen', 'Tipps'],
      ...['Seit dem letzten Review gelöst', 'Nicht gezeigt'],
    ]);
    assert.ok(labels('state').includes('Noch da'));
    const rows = reviewTree({ ...state, grouping: 'file', nameOf: () => 'cart.ts' }, inGerman);
    const words = all(rows).map(({ description }) => description ?? '');
    assert.ok(words.includes('Zeile 41 · lab/tiny · noch da'), words.join('\n'));
    assert.match(rows.find(({ id }) => id === 'group:held')?.children[0]?.description ?? '', /^Verworfen · /);
  });

  it('are by file, in the order of lines, and say line, source, and what was there before', () => {
    assert.deepEqual(shape(tree()), [
      [
        'cart.ts | src · 2',
        [
          ['Subtracts instead of adding. | line 12 · lab/tiny'],
          ['Rounds too early. | line 41 · lab/tiny · still there'],
        ],
      ],
      ['cart.test.ts | tests · 1', [['Unused. | line 1 · tsc TS6133']]],
    ]);
  });

  it('are by severity, the worst first, and say the file', () => {
    assert.deepEqual(shape(tree({ grouping: 'severity' })), [
      ['Errors | 1', [['Subtracts instead of adding. | cart.ts:12 · lab/tiny']]],
      ['Warnings | 1', [['Rounds too early. | cart.ts:41 · lab/tiny · still there']]],
      ['Hints | 1', [['Unused. | cart.test.ts:1 · tsc TS6133']]],
    ]);
  });

  it('compare with the last review: what is new, still there, from before, and solved', () => {
    const solved = [finding({ id: 'gone', state: 'solved', message: 'Divides by zero.' })];
    const labels = tree({ grouping: 'state', open: [...open, finding({ id: 'x' })], last: last({ solved }) });
    assert.deepEqual(
      labels.map(({ label, isExpanded }) => [label, isExpanded]),
      [
        ['New', true],
        ['Still there', true],
        ['From earlier reviews', true],
        ['Solved since the last review', true],
      ],
    );
  });

  it('list what is not shown with its reason, below what is', () => {
    const held = [
      {
        finding: finding({ id: 'h', message: 'Maybe null.' }),
        reason: 'unsure' as const,
        detail: 'The model is 20 % sure.',
      },
      { finding: finding({ id: 'd', message: 'Too long.' }), reason: 'dismissed' as const },
    ];
    const [group, ...rest] = tree({ open: [], last: last({ held }) });
    assert.deepEqual(shape([group as ReviewRow]), [
      ['Not shown | 2', [['Maybe null. | Too uncertain · cart.ts:1'], ['Too long. | Dismissed · cart.ts:1']]],
    ]);
    assert.deepEqual(
      group?.children.map(({ context }) => context),
      ['held unsure', 'held dismissed'],
    );
    assert.match(group?.children[0]?.tooltip ?? '', /20 \\% sure/);
    assert.deepEqual(rest, []);
  });

  it('end with what was not looked at, open where something failed', () => {
    const uri = 'file:///shop/a.ts';
    const coverage = [
      { uri, by: 'tsc', state: 'read' as const },
      { uri, by: 'biome', state: 'failed' as const, why: 'timed out' },
      { uri: 'file:///shop/b.png', by: 'all', state: 'left-out' as const, why: 'Binary.' },
    ];
    const group = tree({ last: last({ coverage }) }).at(-1) as ReviewRow;
    assert.deepEqual(shape([group]), [
      [
        'What was checked | 2 not checked',
        [['Not checked by biome: a.ts (timed out).'], ['Left out: b.png (Binary).'], ['Checked by tsc: a.ts.']],
      ],
    ]);
    assert.equal(group.isExpanded, true);
    const rules = [{ uri, name: '.switchyard/review.md', isCut: true }];
    const ruled = tree({ last: last({ coverage: coverage.slice(0, 1), rules, notes: ['Be careful.'] }) }).at(-1);
    assert.deepEqual(ruled?.children.map(({ label }) => label).slice(1), [
      'Rules applied: .switchyard/review.md (only its beginning).',
      'Be careful.',
    ]);
    const whole = tree({ last: last({ coverage: coverage.slice(0, 1) }) }).at(-1);
    assert.equal(whole?.label, 'What was checked');
    assert.equal(whole?.isExpanded, false);
  });

  it('offer to apply what comes with a fix or can be asked for one, and nothing for what is solved', () => {
    const contexts = new Map(
      all(tree({ last: last({ solved: [finding({ id: 'gone' })] }) })).map(({ id, context }) => [id, context]),
    );
    assert.equal(contexts.get('open:new'), 'finding suggested');
    assert.equal(contexts.get('open:old'), 'finding');
    assert.equal(contexts.get('solved:gone'), 'solved');
  });

  it('have ids of their own, whatever stands twice', () => {
    const same = finding({ id: 'new' });
    const rows = all(tree({ last: last({ solved: [same], held: [{ finding: same, reason: 'duplicate' }] }) }));
    assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length);
  });

  it("take nothing of a finding's text as Markdown", () => {
    const [file] = tree({ open: [finding({ message: '[x](https://evil.example)\nsecond' })] });
    assert.equal(file?.children[0]?.label, '[x](https://evil.example) second');
    assert.doesNotMatch(file?.children[0]?.tooltip ?? '', /\[x\]\(/);
  });
});

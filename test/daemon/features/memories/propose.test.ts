// What is proposed of what users say, and what is not: a row each.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { denies, normalised, proposalIn } from '../../../../daemon/features/memories/propose.ts';

const hits: readonly [said: string, fact: string, rule: string][] = [
  ['we use tabs here', 'We use tabs here', 'we use'],
  ['Remember that our API is versioned.', 'Our API is versioned', 'remember'],
  ['Please remember: I work on Windows', 'I work on Windows', 'remember'],
  ['Remember we use UTC everywhere', 'We use UTC everywhere', 'remember'],
  ["don't forget that we target Node 22", 'We target Node 22', 'remember'],
  ['Keep in mind that I am new to Rust', 'I am new to Rust', 'remember'],
  ['From now on answer in German.', 'Answer in German', 'from now on'],
  ['Going forward, use kebab-case for files', 'Use kebab-case for files', 'from now on'],
  ['Always write tests first.', 'Always write tests first', 'always or never'],
  ['Never use var!', 'Never use var', 'always or never'],
  ['you should always use const', 'Always use const', 'always or never'],
  ['I always use strict mode', 'I always use strict mode', 'habit'],
  ["Don't use moment, use date-fns.", "Don't use moment, use date-fns", 'rather'],
  ['Don’t write classes; prefer functions', 'Don’t write classes; prefer functions', 'rather'],
  ['In this repo we use Conventional Commits', 'In this repo we use Conventional Commits', 'we use'],
  ["We don't use semicolons", "We don't use semicolons", 'we use'],
  ['- We use `biome` for linting', 'We use `biome` for linting', 'we use'],
  ['This project uses Deno.', 'This project uses Deno', 'we use'],
  ['btw, we deploy to Fly.io', 'We deploy to Fly.io', 'we use'],
  ['Our database is Postgres 16.', 'Our database is Postgres 16', 'our … is'],
  ['our tests live in test/', 'Our tests live in test/', 'our … is'],
  ['I prefer short answers', 'I prefer short answers', 'I prefer'],
  ['My name is Ada', 'My name is Ada', 'my … is'],
  ['Fix this bug. We use pnpm, not npm.', 'We use pnpm, not npm', 'we use'],
  ['We use pnpm. Remember that the CI runs on arm64.', 'The CI runs on arm64', 'remember'], // the most explicit of a message
  ['What is wrong?\n```js\nnever use it\n```\nWe use tabs here.', 'We use tabs here', 'we use'],
];

const misses: Readonly<Record<string, readonly string[]>> = {
  questions: [
    'Do we use tabs here?',
    'Do you remember that we use tabs?',
    'Why do we use tabs?',
    'Can you always use tabs?',
    'We use tabs here?',
  ],
  code: [
    '```\nwe use tabs here\n```',
    '~~~\nwe use tabs here\n~~~',
    '    we use tabs here',
    '// we use tabs here',
    '# we use tabs here',
    '+++ we use tabs here',
    'const always = use(x);',
    '```\nwe use tabs here',
  ],
  quotes: [
    'He said "we use tabs".',
    '"Foo. We use tabs here. Bar."',
    '“Always use tabs. Never use spaces.”',
    '> we use tabs here',
    'The guide says: always use tabs',
  ],
  negations: [
    "Don't remember that we use tabs",
    "don't remember this. We use tabs here.",
    'No need to save this: we use tabs. We use tabs.',
    "I don't remember whether we use tabs",
    'never mind',
    "don't worry, use whatever",
    'forget that we use tabs',
  ],
  'the moment': [
    'we use this function to parse the date',
    'we use it here',
    'we use a mutex above',
    'Always use a map in this function',
    'From now on skip line 4',
    "Don't touch line 4, use a map",
    'we use Redis for now',
    'Use a for loop here',
    'remember to run the tests',
    'remember when we met',
  ],
  trouble: [
    'Our build is broken',
    'our tests are failing',
    'Our code is slow',
    'our api is not answering',
    'we use redux but it crashes',
    'we run the tests and get an error',
    'Always the same error',
    'I always get this error',
    'I never got it working',
  ],
  'something else': [
    'if we use tabs the linter fails',
    'we used tabs',
    'Explain why we use tabs',
    'we will use tabs maybe',
    'I like this',
    '',
    '   ',
    'ok',
    `We use ${'very '.repeat(80)}long names`,
  ],
  secrets: [
    'Remember that our admin password is hunter2',
    'our api key is 12345',
    'Remember: the token for staging is abc',
  ],
};

describe('a proposal', () => {
  for (const [said, fact, rule] of hits) {
    it(`is made of ${JSON.stringify(said)}`, () => {
      const proposal = proposalIn(said);
      assert.deepEqual([proposal?.text, proposal?.rule], [fact, rule]);
    });
  }

  for (const [what, texts] of Object.entries(misses)) {
    it(`is not made of ${what}`, () => {
      for (const text of texts) assert.equal(proposalIn(text), undefined, JSON.stringify(text));
    });
  }

  it('says whether it speaks of a project or of the user', () => {
    assert.deepEqual(
      [
        'we use tabs here',
        'Remember that our API is versioned',
        'I prefer short answers',
        'From now on answer in German',
      ].map((said) => proposalIn(said)?.isOfProject),
      [true, true, false, false],
    );
  });

  it('is looked for in hostile text without end', () => {
    for (const text of [
      `our ${'a '.repeat(4000)}`,
      `don't ${'use '.repeat(3000)}`,
      `we use ${'"'.repeat(9000)}`,
      '- '.repeat(5000),
      'ok, '.repeat(3000),
    ])
      assert.equal(proposalIn(text.repeat(20)), undefined);
  });

  it('is compared without regard to case, marks and small words, and to whether it denies something', () => {
    assert.equal(normalised('We use the Tabs, please!'), normalised('we use tabs'));
    assert.notEqual(normalised('C++ only'), normalised('C only'));
    assert.notEqual(denies('We use tabs'), denies('We don’t use tabs'));
  });
});

// Which file tests land in: a table of projects.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { type TestPlace, testPlaceOf } from '../../../../daemon/features/code-actions/test-place.ts';

describe('tests belong', () => {
  const places: [what: string, source: string, files: string[], place: TestPlace | undefined][] = [
    ['to the test that is there', 'src/a.ts', ['src/a.test.ts'], { path: 'src/a.test.ts', how: 'append' }],
    ['to the nearest one', 'b/x.ts', ['a/x.test.ts', 'b/x.test.ts'], { path: 'b/x.test.ts', how: 'append' }],
    ['to the file itself, if it is a test', 'src/a.spec.ts', [], { path: 'src/a.spec.ts', how: 'append' }],
    ['beside, as others are', 'src/b.ts', ['src/a.ts', 'src/a.test.ts'], { path: 'src/b.test.ts', how: 'create' }],
    ['in a spec', 'app/b.js', ['app/a.js', 'app/a.spec.js'], { path: 'app/b.spec.js', how: 'create' }],
    [
      'in __tests__',
      'src/x/b.tsx',
      ['src/a.ts', 'src/__tests__/a.test.ts'],
      { path: 'src/x/__tests__/b.test.tsx', how: 'create' },
    ],
    [
      'in a mirror',
      'daemon/rpc/b.ts',
      ['daemon/base/a.ts', 'test/daemon/base/a.test.ts'],
      { path: 'test/daemon/rpc/b.test.ts', how: 'create' },
    ],
    [
      'in a mirror of src',
      'src/x/b.ts',
      ['src/y/a.ts', 'test/y/a.test.ts'],
      { path: 'test/x/b.test.ts', how: 'create' },
    ],
    [
      'where most are',
      'src/c.ts',
      ['src/a.ts', 'src/b.ts', 'src/d.ts', 'src/a.spec.ts', 'test/b.test.ts', 'test/d.test.ts'],
      { path: 'test/c.test.ts', how: 'create' },
    ],
    ['beside, in a project without tests', 'src/a.ts', [], { path: 'src/a.test.ts', how: 'create' }],
    ['in its empty test folder', 'src/a.ts', ['test/setup.ts'], { path: 'test/a.test.ts', how: 'create' }],
    ['in tests of Python', 'pkg/sub/a.py', ['pkg/sub/a.py'], { path: 'tests/test_a.py', how: 'create' }],
    [
      'in flat tests of Python',
      'pkg/b.py',
      ['pkg/a.py', 'tests/test_a.py'],
      { path: 'tests/test_b.py', how: 'create' },
    ],
    ['to a test of Python', 'pkg/a.py', ['tests/unit/test_a.py'], { path: 'tests/unit/test_a.py', how: 'append' }],
    ['beside in Go', 'io/read.go', ['io/read.go'], { path: 'io/read_test.go', how: 'create' }],
    ['to a test of Go', 'io/read.go', ['io/read_test.go'], { path: 'io/read_test.go', how: 'append' }],
    ['in the file itself in Rust', 'src/a.rs', ['src/lib.rs'], { path: 'src/a.rs', how: 'inside' }],
    ['to an integration test of Rust', 'src/a.rs', ['tests/a.rs'], { path: 'tests/a.rs', how: 'append' }],
    [
      'in src/test of Java',
      'app/src/main/java/c/x/A.java',
      [],
      { path: 'app/src/test/java/c/x/ATest.java', how: 'create' },
    ],
    [
      'to a test class',
      'src/main/java/c/A.java',
      ['src/test/java/c/ATests.java'],
      { path: 'src/test/java/c/ATests.java', how: 'inside' },
    ],
    [
      'in the class name that others have',
      'src/main/java/c/B.java',
      ['src/main/java/c/A.java', 'src/test/java/c/ATests.java'],
      { path: 'src/test/java/c/BTests.java', how: 'create' },
    ],
    ['nowhere known in other languages', 'a.sql', [], undefined],
    ['not to a test of another language', 'src/a.ts', ['tests/test_a.py'], { path: 'tests/a.test.ts', how: 'create' }],
  ];
  for (const [what, source, files, place] of places)
    it(what, () => assert.deepEqual(testPlaceOf(source, files), place));
});

// A linter that keeps what it knows of a project says in a second review what it would say without.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { ownLinters, Project } from './project.ts';

function shop(): Project {
  const project = new Project();
  project.write(
    'tsconfig.json',
    '{"compilerOptions":{"strict":true,"skipLibCheck":true,"types":[],"module":"preserve"},"include":["*.ts"]}',
  );
  project.write('price.ts', 'export const price: number = 1;\n');
  project.write('cart.ts', "import { price } from './price';\nexport const total: string = price;\n");
  return project;
}

async function errorsIn(project: Project, file: string): Promise<(string | undefined)[]> {
  const { drafts, states } = await project.analyse([file], { path: ownLinters });
  assert.equal(states[file]?.['tsc'], 'read');
  return drafts.filter(({ source }) => source === 'tsc').map(({ rule }) => rule);
}

describe('tsc in a second review', () => {
  it('says the same of a file that is as it was, with what is known kept in our own folder alone', async () => {
    using project = shop();
    const first = await errorsIn(project, 'cart.ts');
    assert.deepEqual(first, ['TS2322']);
    assert.equal(readdirSync(join(project.cache, 'analysers', 'tsc')).length, 1);
    assert.deepEqual(await errorsIn(project, 'cart.ts'), first);
    assert.deepEqual(readdirSync(project.folder).toSorted(), ['cart.ts', 'price.ts', 'tsconfig.json']);
  });

  const changes: [what: string, file: string, text: string, expected: string[]][] = [
    ['the file is mended', 'cart.ts', "import { price } from './price';\nexport const total: number = price;\n", []],
    ['a file that it imports is mended', 'price.ts', "export const price: string = '1';\n", []],
    ['a name that it imports is gone', 'price.ts', 'export const other = 1;\n', ['TS2305']],
    [
      'the configuration forgives more',
      'tsconfig.json',
      '{"compilerOptions":{"types":[],"noCheck":true,"module":"preserve"},"include":["*.ts"]}',
      [],
    ],
  ];
  for (const [what, file, text, expected] of changes)
    it(`sees that ${what}`, async () => {
      using project = shop();
      await errorsIn(project, 'cart.ts');
      project.write(file, text);
      assert.deepEqual(await errorsIn(project, 'cart.ts'), expected);
    });

  it('begins anew where what it kept was cut off, or is none of it', async () => {
    using project = shop();
    await errorsIn(project, 'cart.ts');
    const folder = join(project.cache, 'analysers', 'tsc');
    const kept = join(folder, readdirSync(folder)[0] ?? '');
    const whole = readFileSync(kept, 'utf8');
    for (const damaged of [whole.slice(0, 200), '', '{}', 'null', '[1]']) {
      writeFileSync(kept, damaged);
      assert.deepEqual(await errorsIn(project, 'cart.ts'), ['TS2322'], damaged);
    }
  });
});

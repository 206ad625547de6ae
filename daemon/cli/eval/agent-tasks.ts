// The tasks that the agent is measured with: small repositories that are made here, what is asked for, a check that is a program of Node,
// and a solution, by which a test shows that the check fails before and passes after. Rows of a few kinds.

export interface AgentTask {
  name: string;
  /** What is asked for, as a user would. */
  ask: string;
  /** Contents by path. */
  files: Readonly<Record<string, string>>;
  /** An expression of `load`, `text`, `has`, `run`, `same` and `answer`: true where the task is done. */
  check: string;
  /** What solves it: contents by path, `null` for a file that goes, and what is answered. */
  solution: { files?: Readonly<Record<string, string | null>>; answer?: string };
}

/** At least 40, in a fixed order. */
export function agentTasks(): AgentTask[] {
  return [...bugs(), ...functions(), ...renames(), ...flags(), ...settings(), ...newFiles(), ...questions()];
}

/** A program that ends with 0 where the task is done. Its arguments are the folder and the answer. */
export function checkProgram({ check }: Pick<AgentTask, 'check'>): string {
  return [
    "import { execFileSync } from 'node:child_process';",
    "import { existsSync, readFileSync } from 'node:fs';",
    "import { join } from 'node:path';",
    "import { pathToFileURL } from 'node:url';",
    "import { isDeepStrictEqual as same } from 'node:util';",
    'const [folder, answer] = process.argv.slice(2);',
    'const load = (path) => import(pathToFileURL(join(folder, path)).href);',
    "const text = (path) => readFileSync(join(folder, path), 'utf8');",
    'const has = (path) => existsSync(join(folder, path));',
    "const run = (...args) => execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8' }).trim();",
    `process.exitCode = (${check}) ? 0 : 1;`,
    '',
  ].join('\n');
}

/** Files that are there in each repository, so that there is something to look through. */
const around: Readonly<Record<string, string>> = {
  'README.md': '# A small project\n\nThe code is in `src/`.\n',
  'src/colors.mjs': "export const red = '#f00';\nexport const green = '#0f0';\n",
  'src/log.mjs': 'export function log(text) {\n  console.log(text);\n}\n',
};

/** A function with a bug, and a test that shows it. */
function bugs(): AgentTask[] {
  const rows: readonly [name: string, args: string, wrong: string, right: string, test: string, says: string][] = [
    [
      'sum',
      'list',
      'list.reduce((a, b) => a - b, 0)',
      'list.reduce((a, b) => a + b, 0)',
      'f([1, 2, 3]) === 6',
      'add up a list',
    ],
    ['largest', 'list', 'Math.min(...list)', 'Math.max(...list)', 'f([1, 9, 3]) === 9', 'find the largest number'],
    ['isEven', 'n', 'n % 2 === 1', 'n % 2 === 0', 'f(2) && !f(3)', 'say whether a number is even'],
    ['last', 'list', 'list[list.length]', 'list[list.length - 1]', 'f([1, 2]) === 2', 'return the last item'],
    [
      'clamp',
      'n, low, high',
      'Math.max(high, Math.min(low, n))',
      'Math.min(high, Math.max(low, n))',
      'f(9, 1, 5) === 5 && f(-1, 1, 5) === 1',
      'keep a number between two others',
    ],
    [
      'initials',
      'name',
      "name.split('').map((part) => part[0]).join('')",
      "name.split(' ').map((part) => part[0]).join('')",
      "f('Ada Lovelace') === 'AL'",
      'return the first letters of all words',
    ],
    ['percent', 'part, whole', 'part / whole', '(part / whole) * 100', 'f(1, 4) === 25', 'return a share in percent'],
    [
      'unique',
      'list',
      'list.filter((item, at) => list.indexOf(item) !== at)',
      'list.filter((item, at) => list.indexOf(item) === at)',
      "f(['a', 'b', 'a']).join() === 'a,b'",
      'leave out what comes again',
    ],
  ];
  return rows.map(([name, args, wrong, right, test, says]) => {
    const path = `src/${name}.mjs`;
    const code = (body: string): string => `export function ${name}(${args}) {\n  return ${body};\n}\n`;
    return {
      name: `fix ${name}`,
      ask: `${name} in ${path} should ${says}, but test.mjs fails. Fix it.`,
      files: {
        ...around,
        [path]: code(wrong),
        'test.mjs': `import { ${name} as f } from './${path}';\nif (!(${test})) throw new Error('${name} is wrong');\n`,
      },
      check: `await load('${path}').then(({ ${name}: f }) => ${test})`,
      solution: { files: { [path]: code(right) } },
    };
  });
}

/** A function that is missing in a file that has another. */
function functions(): AgentTask[] {
  const rows: readonly [name: string, says: string, code: string, test: string][] = [
    ['triple', 'returns three times a number', '(n) => n * 3', 'triple(4) === 12'],
    [
      'shout',
      'returns a text in capital letters with an exclamation mark behind it',
      "(text) => text.toUpperCase() + '!'",
      "shout('hi') === 'HI!'",
    ],
    [
      'count',
      'returns how many items of a list are equal to a value: count(list, value)',
      '(list, value) => list.filter((item) => item === value).length',
      'count([1, 2, 1], 1) === 2',
    ],
    [
      'backwards',
      'returns a text from its end to its beginning',
      "(text) => [...text].reverse().join('')",
      "backwards('abc') === 'cba'",
    ],
    [
      'pairs',
      'returns the entries of an object as an array of [key, value]',
      '(object) => Object.entries(object)',
      "same(pairs({ a: 1 }), [['a', 1]])",
    ],
    [
      'average',
      'returns the mean of a list of numbers, and 0 for an empty list',
      '(list) => (list.length === 0 ? 0 : list.reduce((a, b) => a + b, 0) / list.length)',
      'average([1, 3]) === 2 && average([]) === 0',
    ],
    [
      'title',
      'returns a text with its first letter in upper case',
      '(text) => text.charAt(0).toUpperCase() + text.slice(1)',
      "title('word') === 'Word'",
    ],
  ];
  const before = 'export const double = (n) => n * 2;\n';
  return rows.map(([name, says, code, test]) => ({
    name: `add ${name}`,
    ask: `Add a function ${name} to src/helpers.mjs, exported by its name: it ${says}. Leave double as it is.`,
    files: { ...around, 'src/helpers.mjs': before },
    check: `await load('src/helpers.mjs').then(({ double, ${name} }) => double(2) === 4 && ${test})`,
    solution: { files: { 'src/helpers.mjs': `${before}export const ${name} = ${code};\n` } },
  }));
}

/** A name that stands in several files. */
function renames(): AgentTask[] {
  const rows: readonly [from: string, to: string][] = [
    ['calc', 'total'],
    ['foo', 'price'],
    ['getIt', 'loadUser'],
    ['tmp', 'cart'],
    ['doStuff', 'render'],
  ];
  return rows.map(([from, to]) => {
    const files = (name: string): Record<string, string> => ({
      'src/core.mjs': `export function ${name}(x) {\n  return x + 1;\n}\n`,
      'src/one.mjs': `import { ${name} } from './core.mjs';\nexport const one = ${name}(0);\n`,
      'src/two.mjs': `import { ${name} } from './core.mjs';\nexport const two = ${name}(1);\n`,
    });
    return {
      name: `rename ${from}`,
      ask: `Rename the function ${from} to ${to} everywhere.`,
      files: { ...around, ...files(from) },
      check: `!['core', 'one', 'two'].some((name) => /\\b${from}\\b/.test(text(\`src/\${name}.mjs\`))) && (await load('src/one.mjs')).one === 1 && (await load('src/two.mjs')).two === 2 && typeof (await load('src/core.mjs')).${to} === 'function'`,
      solution: { files: files(to) },
    };
  });
}

/** A little tool that gets a flag. */
function flags(): AgentTask[] {
  const rows: readonly [flag: string, says: string, code: string, args: string, printed: string][] = [
    ['--json', 'prints the words as a JSON array', 'JSON.stringify(words)', "'--json', 'a', 'b'", '["a","b"]'],
    ['--upper', 'prints the words in capital letters', "words.join(' ').toUpperCase()", "'--upper', 'a', 'b'", 'A B'],
    ['--count', 'prints how many words there are', 'String(words.length)', "'--count', 'a', 'b'", '2'],
    ['--lines', 'prints each word on a line of its own', "words.join('\\n')", "'--lines', 'a', 'b'", 'a\\nb'],
    [
      '--reverse',
      'prints the words in the opposite order',
      "words.toReversed().join(' ')",
      "'--reverse', 'a', 'b'",
      'b a',
    ],
  ];
  const plain = "const words = process.argv.slice(2);\nconsole.log(words.join(' '));\n";
  return rows.map(([flag, says, code, args, printed]) => ({
    name: `flag ${flag}`,
    ask: `tool.mjs prints the words that it is given. Add a flag ${flag}: with it, it ${says}.`,
    files: { ...around, 'tool.mjs': plain },
    check: `run('tool.mjs', ${args}) === '${printed}' && run('tool.mjs', 'a', 'b') === 'a b'`,
    solution: {
      files: {
        'tool.mjs': `const given = process.argv.slice(2);\nconst words = given.filter((word) => word !== '${flag}');\nconsole.log(given.includes('${flag}') ? ${code} : words.join(' '));\n`,
      },
    },
  }));
}

/** A value of a file of settings. */
function settings(): AgentTask[] {
  const before = { name: 'shop', port: 8080, features: { search: false, cart: true }, languages: ['en'] };
  const rows: readonly [name: string, ask: string, after: object][] = [
    ['port', 'Change the port to 9090.', { port: 9090 }],
    ['a feature', 'Turn the feature search on.', { features: { search: true, cart: true } }],
    ['a language', 'Add the language de after en.', { languages: ['en', 'de'] }],
    ['a new field', 'Add a field timeoutMs with the number 5000.', { timeoutMs: 5000 }],
    [
      'two fields',
      'Set the name to store and turn the feature cart off.',
      { name: 'store', features: { search: false, cart: false } },
    ],
  ];
  const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
  return rows.map(([name, ask, after]) => ({
    name: `settings: ${name}`,
    ask: `In settings.json: ${ask} Leave the rest as it is.`,
    files: { ...around, 'settings.json': json(before) },
    check: `same(JSON.parse(text('settings.json')), ${JSON.stringify({ ...before, ...after })})`,
    solution: { files: { 'settings.json': json({ ...before, ...after }) } },
  }));
}

/** A file that is not there yet. */
function newFiles(): AgentTask[] {
  const rows: readonly [path: string, ask: string, check: string, content: string][] = [
    [
      'src/greet.mjs',
      'Make src/greet.mjs. It exports a function greet that returns "Hello, NAME!" for a name.',
      "(await load('src/greet.mjs')).greet('Ada') === 'Hello, Ada!'",
      "export const greet = (name) => 'Hello, ' + name + '!';\n",
    ],
    [
      'src/index.mjs',
      'Make src/index.mjs, which exports everything that src/colors.mjs and src/log.mjs export.',
      "await load('src/index.mjs').then(({ red, green, log }) => red === '#f00' && green === '#0f0' && typeof log === 'function')",
      "export * from './colors.mjs';\nexport * from './log.mjs';\n",
    ],
    [
      'test.mjs',
      'Write test.mjs, a program that ends with an error unless red in src/colors.mjs is #f00.',
      "has('test.mjs') && /colors\\.mjs/.test(text('test.mjs')) && run('test.mjs') !== undefined",
      "import { red } from './src/colors.mjs';\nif (red !== '#f00') throw new Error('red is wrong');\n",
    ],
    [
      'LICENSE.txt',
      'Make LICENSE.txt with the one line: All rights reserved.',
      "text('LICENSE.txt').trim() === 'All rights reserved.'",
      'All rights reserved.\n',
    ],
  ];
  return rows.map(([path, ask, check, content]) => ({
    name: `new ${path}`,
    ask,
    files: around,
    check: `has('${path}') && ${check}`,
    solution: { files: { [path]: content } },
  }));
}

/** What can be read, and must not be changed. */
function questions(): AgentTask[] {
  const files = {
    ...around,
    'src/cart.mjs':
      "import { taxOf } from './money/tax.mjs';\nexport const maxItems = 40;\nexport const total = (sum) => sum + taxOf(sum);\n",
    'src/money/tax.mjs': 'export const rate = 0.19;\nexport const taxOf = (sum) => sum * rate;\n',
    'src/users.mjs': `${'// a line about users\n'.repeat(260)}export const adminName = 'Zaphod';\n`,
  };
  const rows: readonly [name: string, ask: string, pattern: string, answer: string][] = [
    ['where', 'Which file defines taxOf? Answer with its path.', 'src/money/tax\\.mjs', 'src/money/tax.mjs'],
    ['a number', 'What is maxItems in the cart? Answer with the number.', '\\b40\\b', '40'],
    ['deep in a file', 'What is the name of the admin? Answer with the name.', 'Zaphod', 'Zaphod'],
    ['who uses', 'Which file imports taxOf? Answer with its path.', 'src/cart\\.mjs', 'src/cart.mjs'],
    ['a rate', 'How high is the tax rate, in percent? Answer with the number.', '\\b19\\b', '19'],
    ['what is there', 'Is there a folder named tests? Answer yes or no.', '^\\W*no\\b', 'No.'],
  ];
  return rows.map(([name, ask, pattern, answer]) => ({
    name: `question: ${name}`,
    ask,
    files,
    check: `/${pattern.replaceAll('/', '\\/')}/i.test(answer) && text('src/cart.mjs').includes('maxItems = 40')`,
    solution: { answer },
  }));
}

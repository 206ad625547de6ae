// The 200 things that each need one call of a tool, which is known. Rows of a few kinds, each asked in several ways.

export interface CallTask {
  kind: string;
  /** What is asked for, as a user would. */
  ask: string;
  /** The tools that are right. */
  tools: readonly string[];
}

export const callFiles: Readonly<Record<string, string>> = {
  'README.md': '# A shop\n\nThe code is in `src/`.\n',
  'settings.json': '{ "port": 8080 }\n',
  'src/cart.mjs': 'export const maxItems = 40;\n',
  'src/colors.mjs': "export const red = '#f00';\n",
  'src/log.mjs': 'export function log(text) {\n  console.log(text);\n}\n',
  'src/money/tax.mjs': 'export const rate = 0.19;\n',
  'src/price.mjs': 'export const price = (n) => n * 2;\n',
  'src/users.mjs': "export const adminName = 'Zaphod';\n",
  'test/cart.test.mjs': "import '../src/cart.mjs';\n",
  'tool.mjs': 'console.log(process.argv.slice(2));\n',
};

const rows: readonly [kind: string, tools: readonly string[], asks: readonly string[], about: readonly string[]][] = [
  [
    'read a file',
    ['read'],
    ['Show me @.', 'What is in @?', 'Read @ and tell me what it does.', 'Explain @ to me.'],
    Object.keys(callFiles),
  ],
  [
    'search for text',
    ['search'],
    [
      'Search for "@".',
      'Find all lines with "@".',
      'Which files contain "@"? Search for it.',
      'Where does the text "@" occur? Search the files.',
    ],
    ['maxItems', 'adminName', 'rate', 'console.log', 'export const', 'import', '8080', 'Zaphod', 'TODO', 'price'],
  ],
  [
    'run a program',
    ['run'],
    ['Run @.', 'Run the command `@`.', 'Execute @ and tell me what it prints.', 'Start @.'],
    [
      'node tool.mjs',
      'node tool.mjs a b',
      'node test/cart.test.mjs',
      'npm test',
      'node --version',
      'npm run build',
      'git status',
      'node src/cart.mjs',
      'ls src',
      'python3 --version',
    ],
  ],
  [
    'make a file',
    ['edit'],
    [
      'Create the file @ with the text hello.',
      'Make a new file @ that says hello.',
      'Write hello to a new file @.',
      'Add a file named @ with one line: hello',
    ],
    [
      'a.txt',
      'notes.md',
      'src/new.mjs',
      'docs/guide.md',
      'LICENSE.txt',
      'b.json',
      'test/new.test.mjs',
      'x.py',
      'src/money/vat.mjs',
      'todo.txt',
    ],
  ],
  [
    'ask the user',
    ['ask'],
    [
      'Ask me @.',
      'I will tell you @, if you ask me.',
      'You need to know @. Ask me first.',
      'Before anything else, ask me @.',
    ],
    [
      'which color I want',
      'what the port should be',
      'how the function should be called',
      'which language I use',
      'where the file should go',
      'how many items there may be',
      'whether to delete the tests',
      'what my name is',
      'which tests to run',
      'what the title is',
    ],
  ],
];

/** In a fixed order, the kinds in turn, so that a part of them has all kinds. */
export function callTasks(): CallTask[] {
  const byKind = rows.map(([kind, tools, asks, about]) =>
    about.flatMap((what) => asks.map((ask) => ({ kind, tools, ask: ask.replace('@', what) }))),
  );
  const longest = Math.max(...byKind.map(({ length }) => length));
  return Array.from({ length: longest }).flatMap((_, i) => byKind.flatMap((tasks) => tasks[i] ?? []));
}

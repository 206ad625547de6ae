// config.json: what is wrong is named and left out, the rest applies; changes keep what the user wrote around them.
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { Config, ConfigFile, parseConfig } from '../../../../daemon/base/config/config.ts';
import { changeConfig } from '../../../../daemon/base/config/edit.ts';
import { testFolder } from '../../storage/open-storage.ts';

const defaults = Config.parse({});

describe('parseConfig', () => {
  it('reads JSON with comments and trailing commas', () => {
    const { config, problems } = parseConfig('// mine\n{ "localOnly": true, /* so */ "localModels": ["a.gguf",], }');
    assert.deepEqual(problems, []);
    assert.deepEqual([config.localOnly, config.localModels], [true, ['a.gguf']]);
  });

  it('an empty file is the defaults', () => {
    for (const text of ['', ' \n', '{}']) assert.deepEqual(parseConfig(text), { config: defaults, problems: [] });
  });

  it('names each wrong field with its path, and the rest still applies', () => {
    const { config, problems } = parseConfig(
      JSON.stringify({
        localOnly: 'yes',
        localModels: [4, 5, 'good.gguf', 6, 'also-good.gguf', 7],
        daemon: { idleExitMinutes: -1 },
        providers: {
          good: { type: 'ollama' },
          'bad name': { type: 'ollama' },
          typo: { type: 'olama' },
          address: { type: 'openai', baseUrl: 'not a url', models: ['kept'] },
          untyped: { baseUrl: 'http://127.0.0.1/v1' },
        },
        unknown: { field: 1 },
      }),
    );
    assert.deepEqual(config.localModels, ['good.gguf', 'also-good.gguf']);
    assert.deepEqual(config.providers, { good: { type: 'ollama' }, address: { type: 'openai', models: ['kept'] } });
    assert.deepEqual([config.localOnly, config.daemon], [true, defaults.daemon]);
    for (const path of [
      'unknown',
      'localOnly',
      'localModels.0',
      'localModels.5',
      'daemon.idleExitMinutes',
      'providers.bad name',
      'providers.typo.type',
      'providers.address.baseUrl',
      'providers.untyped.type',
    ]) {
      assert.ok(
        problems.some((problem) => problem.startsWith(`config.json: ${path}: `)),
        `${path} is named in ${JSON.stringify(problems)}`,
      );
    }
  });

  it('leaves out each MCP server of which it cannot read a field, and keeps the others', () => {
    const notes = { command: 'notes', args: ['--read'], env: { A: '1' }, tools: ['read'], local: true };
    const wrong = {
      'mine.args': { command: 'x', args: '--read', env: { A: 1 } },
      'numbers.args.0': { command: 'x', args: [1] },
      'tools.tools': { command: 'x', tools: 'read' },
      both: { command: 'x', url: 'https://x.example/' },
      neither: { args: ['x'] },
      'scheme.url': { url: 'file:///etc/passwd' },
      two__lines: { command: 'x' },
      'a space': { command: 'x' },
      list: ['x'],
    };
    const servers = Object.entries(wrong).map(([path, server]) => [path.split('.')[0], server]);
    const { config, problems } = parseConfig(JSON.stringify({ mcpServers: { notes, ...Object.fromEntries(servers) } }));
    assert.deepEqual(config.mcpServers, { notes });
    for (const path of Object.keys(wrong))
      assert.ok(
        problems.some((problem) => problem.startsWith(`config.json: mcpServers.${path}: `)),
        `${path} is named in ${JSON.stringify(problems)}`,
      );
  });

  it('names the line of broken JSON and reads what it can', () => {
    const { config, problems } = parseConfig('{\n  "localOnly": true\n  "localModels": ["a"]\n}');
    assert.match(problems[0] ?? '', /^config\.json, line 3: /);
    assert.equal(config.localOnly, true);
  });

  for (const [text, words] of [
    ['{ "providers": { "x": ', ['line 1: a value is missing']],
    ['{\n  "localOnly": true\n  "localModels": []\n}', ['line 3: a comma is missing']],
    ['{ "localModels" ["a"] }', ['line 1: a colon is missing']],
    ['{ "localModels": ["a"', ['line 1: a closing ] is missing']],
    ['{ "index": {}', ['line 1: a closing } is missing']],
    ['{} {}', ['line 1: there is text after the end']],
    ['{\n  "modelHub": "a\n}', ["line 2: a string isn't closed"]],
  ] as const)
    it(`says once for each line what is wrong: ${words[0]}`, () => {
      const { problems } = parseConfig(text);
      const said = problems.filter((problem) => problem.startsWith('config.json, '));
      assert.deepEqual(
        said.slice(0, 1),
        words.map((word) => `config.json, ${word}`),
      );
      assert.equal(new Set(said.map((problem) => problem.split(':')[0])).size, said.length);
    });

  it('anything but an object is refused in a sentence', () => {
    for (const text of ['[]', '5', 'null', '"x"', 'nonsense']) {
      const { config, problems } = parseConfig(text);
      assert.deepEqual(config, { ...defaults, localOnly: true });
      assert.ok(problems.length > 0);
    }
  });

  it('takes a limit that it cannot read for the strictest, and says so', () => {
    for (const [text, isLocalOnly, budgets] of [
      ['{ "localOnly": "true" }', true, {}],
      ['{ "localOnly": tru }', true, {}],
      ['{ "localOnly": false, "localModels": [ }', false, {}],
      ['{ "localModels": [ }', false, {}],
      ['{ "budgets": { "dayUsd": "1", "monthUsd": 5 } }', false, { dayUsd: 0, monthUsd: 5 }],
      ['{ "budgets": { "monthUsd": -1, "profileUsd": 1e999 } }', false, { monthUsd: 0, profileUsd: 0 }],
      ['{ "budgets": 5 }', false, { dayUsd: 0 }],
    ] as const) {
      const { config, problems } = parseConfig(text);
      assert.deepEqual([config.localOnly, config.budgets], [isLocalOnly, { ...defaults.budgets, ...budgets }], text);
      assert.ok(
        problems.some((problem) => /until you correct (it|the file)/.test(problem)) ===
          (isLocalOnly || text.includes('budgets')),
        text,
      );
    }
  });

  it('takes a share of a run that it cannot read for none, and names it', () => {
    const { config, problems } = parseConfig(
      '{ "agent": { "subAgents": { "money": "0", "time": 2, "tokens": 0.5 } } }',
    );
    assert.deepEqual(config.agent.subAgents, { rounds: 0.5, tokens: 0.5, money: 0, time: 0 });
    assert.deepEqual(config.agent.showToPrograms, []);
    assert.match(problems.join('\n'), /agent\.subAgents\.money[\s\S]*agent\.subAgents\.time/);
    assert.deepEqual(parseConfig('{}').config.agent, defaults.agent);
  });

  it('names fields that nothing reads, and how one of them is written', () => {
    const { config, problems } = parseConfig(
      '\ufeff{ "$schema": "x", "LocalOnly": true, "budget": {}, "providers": { "a": { "type": "ollama", "baseURL": "http://127.0.0.1" } }, "__proto__": { "localOnly": true } }',
    );
    assert.deepEqual(problems, [
      'config.json: LocalOnly: unknown field. Did you mean "localOnly"?',
      'config.json: budget: unknown field',
      'config.json: providers.a.baseURL: unknown field',
    ]);
    assert.equal(config.localOnly, false);
  });

  it("survives thousands of wrong fields, and keys that are names of objects' own", () => {
    const many = parseConfig(
      JSON.stringify({ localOnly: true, localModels: Array.from({ length: 5000 }, (_, i) => i) }),
    );
    assert.deepEqual([many.config.localOnly, many.config.localModels], [true, []]);
    const odd = parseConfig(
      '{"__proto__": {"localOnly": true}, "constructor": 5, "providers": {"__proto__": {"type": 5}}}',
    );
    assert.equal(odd.config.localOnly, false);
  });
});

describe('a configuration file', () => {
  it('that is missing is the defaults, one that cannot be read is a problem with its reason', () => {
    using folder = testFolder();
    assert.deepEqual(new ConfigFile(join(folder.path, 'config.json')).problems, []);
    assert.match(new ConfigFile(folder.path).problems[0] ?? '', /Can't read config.json \(EISDIR\)/);
    if (process.platform === 'win32' || process.getuid?.() === 0) return;
    writeFileSync(join(folder.path, 'secret.json'), '{}');
    chmodSync(join(folder.path, 'secret.json'), 0);
    assert.match(new ConfigFile(join(folder.path, 'secret.json')).problems[0] ?? '', /EACCES/);
  });

  it('is read again when an editor replaces it', async () => {
    using folder = testFolder();
    const file = join(folder.path, 'config.json');
    writeFileSync(file, '{}');
    using config = new ConfigFile(file);
    config.watch();
    const changed = new Promise<void>((resolve) =>
      config.onChange(({ config: { localOnly } }) => localOnly && resolve()),
    );
    writeFileSync(file, '{"localOnly": true}');
    await changed;
    assert.equal(config.config.localOnly, true);
  });

  it('keeps comments and layout when the daemon changes a field', () => {
    using folder = testFolder();
    const file = join(folder.path, 'config.json');
    const before =
      '// my settings\n{\n  // stay local\n  "localOnly": true, // always\n  "localModels": ["a.gguf"]\n}\n';
    writeFileSync(file, before);
    using config = new ConfigFile(file);
    changeConfig(config, ['localModels'], ['a.gguf', 'b.gguf']);
    const after = readFileSync(file, 'utf8');
    assert.equal(after.replace(/\[[^\]]*\]/, '["a.gguf"]'), before);
    assert.deepEqual(config.config.localModels, ['a.gguf', 'b.gguf']);
  });

  it('is made when there is none, for its user alone', () => {
    using folder = testFolder();
    using config = new ConfigFile(join(folder.path, 'new', 'config.json'));
    changeConfig(config, ['localOnly'], true);
    assert.deepEqual(JSON.parse(readFileSync(config.file, 'utf8')), { localOnly: true });
    if (process.platform !== 'win32') assert.equal(statSync(config.file).mode & 0o077, 0);
  });
});

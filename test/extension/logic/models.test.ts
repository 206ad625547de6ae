// The rows of "Choose Model…", whether an edit was kept, and what the status bar says of money.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isKept } from '../../../extension/logic/kept-edit.ts';
import { modelItems } from '../../../extension/logic/model-items.ts';
import { statusText } from '../../../extension/logic/status-text.ts';
import type { Model } from '../../../shared/protocol/models.ts';

const common = { capabilities: {}, source: 'server' as const };
const models: Model[] = [
  { ...common, id: 'openai/$(bug)', provider: 'openai', local: false, health: { state: 'ok' } },
  {
    ...common,
    id: 'openai/gone',
    provider: 'openai',
    local: false,
    health: { state: 'down' },
    unavailable: 'It does not answer.',
  },
  { ...common, id: 'local/tiny', provider: 'local', local: true, health: { state: 'ok' } },
];

describe('the rows of "Choose Model…"', () => {
  it("begin with the router's choice, and follow by provider with the reason for what cannot be chosen", () => {
    const items = modelItems(models, 'local/tiny');
    assert.deepEqual(
      items.map(({ label }) => label),
      [
        '$(sparkle) Automatic',
        'local · on this machine',
        '$(circle-filled) tiny',
        'openai · cloud',
        '$(circle-filled) $ (bug)',
        '$(circle-slash) gone',
      ],
    );
    assert.deepEqual(
      items.flatMap((item) => (item.kind === 'model' ? [[item.description, item.refusal]] : [])),
      [
        ['', undefined],
        ['local · chosen now', undefined],
        ['cloud', undefined],
        ['cloud', 'It does not answer.'],
      ],
    );
  });
});

describe('an edit', () => {
  const piece = 'const a = 1;\n\nconst b = 2;\n';
  it('is kept while every line of it stands in the document, however it is indented', () => {
    assert.ok(isKept('// top\r\n  const a = 1;\r\n  const b = 2;\r\n', [piece]));
    assert.ok(isKept('anything', ['']), 'a deletion leaves nothing to look for');
  });
  it('is not kept when a line of it has gone', () => {
    assert.ok(!isKept('const a = 1;', [piece]));
  });
});

describe('the status bar, about money', () => {
  const status = {
    version: '0.1.0',
    pid: 42,
    uptimeMs: 1,
    clients: [],
    running: ['switchyard/chat/send'],
    answering: [{ chatId: 'c', model: 'openai/large' }],
    natives: [],
    models: [{ id: 'local/tiny', loaded: true }],
    dataDir: '',
    configFile: '',
    logFile: '',
    memoryBytes: 90e6,
    disk: { database: 0, backups: 0, models: 0, logs: 0 },
    hosts: [],
    history: { waiting: 0, dropped: 0 },
  };
  const usage = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };
  const sum = { requests: 3, cached: 0, unknown: 1, costUsd: 0.42, usage };
  const costs = {
    rows: [
      { ...sum, key: 'openai', unknown: 0 },
      { ...sum, key: 'lab', costUsd: 0 },
    ],
    total: sum,
    today: sum,
    budgets: [{ name: 'dayUsd' as const, limitUsd: 2, spentUsd: 0.42, state: 'ok' as const }],
  };

  it('names who answers and what today cost, and by whom', () => {
    const { text, tooltip, isWarning } = statusText({ kind: 'connected' }, status, {
      costs,
      profile: 'Work',
      index: '12 files of code indexed',
    });
    assert.equal(text, '$(loading~spin) openai/large · $0.42');
    assert.match(
      tooltip,
      /Spent today: \$0\.42 for 3 requests, 1 of unknown price\n {2}openai: \$0\.42\n {2}lab: \$0 and 1 of unknown price\nToday's budget: \$0\.42 of \$2\.00$/,
    );
    assert.ok(!isWarning);
  });
  it('does not call a model for search the one that answers', () => {
    const searching = {
      ...status,
      running: [],
      answering: [],
      models: [{ id: 'local/vectors', loaded: true, embedding: true }],
    };
    const { text, tooltip } = statusText({ kind: 'connected' }, searching);
    assert.equal(text, '$(check) Switchyard');
    assert.match(tooltip, /In memory: local\/vectors for search/);
  });
  it('warns when a budget is used up, and says nothing where nothing was spent', () => {
    const usedUp = {
      ...costs,
      budgets: [{ name: 'dayUsd' as const, limitUsd: 0.4, spentUsd: 0.42, state: 'stop' as const }],
    };
    const rest = { ...status, running: [], answering: [] };
    assert.deepEqual(
      [
        statusText({ kind: 'connected' }, rest, { costs: usedUp }).text,
        statusText({ kind: 'connected' }, rest, { costs: usedUp }).isWarning,
      ],
      ['$(warning) local/tiny · $0.42', true],
    );
    assert.equal(
      statusText({ kind: 'connected' }, rest, { costs: { ...costs, today: { ...sum, costUsd: 0 }, budgets: [] } }).text,
      '$(check) local/tiny',
    );
  });
});

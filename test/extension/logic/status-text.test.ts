// What the status bar says of the daemon and of money.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { statusText } from '../../../extension/logic/status-text.ts';

describe('the status bar', () => {
  const status = {
    version: '0.1.0',
    pid: 42,
    uptimeMs: 1,
    clients: [{ id: 1, name: 'Code', connectedAt: 0 }],
    running: ['switchyard/daemon/status'],
    answering: [] as { model?: string }[],
    natives: [],
    models: [
      { id: 'local/tiny', loaded: true },
      { id: 'local/big', loaded: false },
    ],
    dataDir: '',
    configFile: '',
    logFile: '',
    memoryBytes: 90e6,
    disk: { database: 0, backups: 0, models: 0, logs: 0 },
    hosts: [],
    history: { waiting: 0, dropped: 0 },
  };

  it('names the model in memory, and is at rest when only its own question runs', () => {
    const { text, tooltip } = statusText({ kind: 'connected' }, status);
    assert.equal(text, '$(check) local/tiny');
    assert.match(tooltip, /process 42\n1 client, 90 MB/);
  });
  it('turns while the daemon works', () => {
    assert.match(
      statusText({ kind: 'connected' }, { ...status, running: ['switchyard/chat/send'] }).text,
      /^\$\(loading~spin\)/,
    );
  });
  it('warns, with the reason, when the daemon is lost', () => {
    const { isWarning, tooltip } = statusText({ kind: 'lost', detail: 'The disk is full.' }, undefined);
    assert.ok(isWarning);
    assert.match(tooltip, /The disk is full\./);
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
      index: '12 files indexed',
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
  it('shows how much of a budget is spent from its warning on', () => {
    const near = [
      { name: 'monthUsd' as const, limitUsd: 20, spentUsd: 1, state: 'ok' as const },
      { name: 'dayUsd' as const, limitUsd: 0.5, spentUsd: 0.42, state: 'warn' as const },
    ];
    const rest = { ...status, running: [], answering: [] };
    const { text, tooltip } = statusText({ kind: 'connected' }, rest, { costs: { ...costs, budgets: near } });
    assert.equal(text, '$(warning) local/tiny · 84% of $0.50');
    assert.match(tooltip, /Today's budget: \$0\.42 of \$0\.50, nearly used up/);
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

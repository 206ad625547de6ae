import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { permissionFor } from '../../../../daemon/cli/acp/permission.ts';
import { RunUpdates } from '../../../../daemon/cli/acp/updates.ts';
import { unifiedDiff } from '../../../../daemon/features/agent/tools/unified-diff.ts';
import type { AgentApproval } from '../../../../shared/protocol/agent.ts';

const approval: AgentApproval = { callId: '1.1', kind: 'mcp', text: 'Call notes.add?', canAlways: true };
const run = (argv: string[]): AgentApproval => ({
  ...approval,
  kind: 'run',
  text: `Run ${argv.join(' ').slice(0, 40)}?`,
  run: { argv, folder: '/shop', scripts: [], network: 'off' },
});

describe('a permission in the Agent Client Protocol', () => {
  const long = Array.from({ length: 30 }, (_, i) => `--flag${i}`);
  const titles: [name: string, approval: AgentApproval, title: RegExp][] = [
    [
      'what a tool is given',
      { ...approval, input: '{\n  "word": "Zanzibar"\n}' },
      /^Call notes\.add\? \{ "word": "Zanzibar" \}$/,
    ],
    ['a short program', run(['node', 'a.mjs']), /^Run node a\.mjs\?$/],
    ['a long program', run(['node', ...long]), /^Run .*\? Exactly: "node" "--flag0" .*"--flag29"$/],
    ['words with spaces', run(['node', 'a b']), /^Run node a b\? Exactly: "node" "a b"$/],
    [
      'why it may be asked for by others',
      { ...approval, taint: 'This may come from a page.' },
      /^Call notes\.add\? This may come/,
    ],
    [
      'what is too long, cut, and where to see it',
      { ...approval, input: 'x'.repeat(5000) },
      /x… \(cut; .*`switchyard jobs show job`\)$/,
    ],
    ['hidden characters as they are', { ...approval, input: 'a\u202Eb' }, /a.*202e.*b/i],
  ];
  for (const [name, asked, title] of titles)
    it(`has in its title ${name}`, () => {
      assert.match(permissionFor(asked, new RunUpdates('job')).toolCall.title ?? '', title);
    });

  it('has one diff, also for a change in several places', () => {
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i}\r\n`);
    const before = lines.join('');
    const after = before.replace('line 3\r', 'first\r').replace('line 35\r', 'second\r');
    const updates = new RunUpdates('job');
    updates.of({
      kind: 'call',
      callId: '1.1',
      step: 1,
      tool: 'edit',
      call: 'edit',
      title: 'Change a',
      path: '/shop/a',
    });
    const asked: AgentApproval = { ...approval, kind: 'edit', diff: unifiedDiff('a', before, after) };
    const diffsOf = (whole?: string) =>
      permissionFor(asked, updates, whole).toolCall.content?.filter(({ type }) => type === 'diff');
    const plain = (text: string): string => text.replaceAll('\r\n', '\n');
    assert.deepEqual(diffsOf(before), [
      { type: 'diff', path: '/shop/a', oldText: plain(before), newText: plain(after) },
    ]);
    assert.equal(diffsOf(`else\n${before}`)?.length, 2, 'of a file that is another one now');
    assert.equal(diffsOf()?.length, 2);
  });

  it('offers one option of a kind', () => {
    const kinds = permissionFor(approval, new RunUpdates()).options.map(({ kind }) => kind);
    assert.deepEqual(kinds, ['allow_once', 'allow_always', 'reject_once']);
  });
});

// What is generated must be fresh, and what is written twice by hand must agree.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { messages } from '../../shared/protocol/index.ts';
import { generated } from './generate.ts';
import { projectFiles, read } from './sources.ts';

describe('generated text', () => {
  for (const { file, content } of generated()) {
    it(`${file} is fresh (npm run generate)`, () => assert.equal(read(file), content));
  }

  it('every message is named under switchyard/ and says what it is for', () => {
    for (const { method, summary } of messages)
      assert.match(`${method} ${summary}`, /^switchyard\/[a-z]+(\/[a-z]+)? [A-Z].*\.$/i);
  });

  it("every command in package.json has a row in the extension's table, and no row is without its command or wire name", () => {
    const { contributes } = JSON.parse(read('package.json')) as { contributes: { commands: { command: string }[] } };
    const rows = [...read('extension/commands.ts').matchAll(/'(switchyard\.[A-Za-z]+)':/g)].map(
      (match) => match[1] ?? '',
    );
    for (const { command } of contributes.commands) assert.ok(rows.includes(command), `${command} has no row`);
    const wire = ['review', 'fix', 'dismiss', 'action', 'chat', 'completionAccepted'].map(
      (name) => `switchyard.${name}`,
    );
    for (const row of rows)
      assert.ok(
        wire.includes(row) || contributes.commands.some(({ command }) => command === row),
        `${row} is not in package.json`,
      );
  });

  it("no text names a registry's host or a path of a machine", () => {
    const texts = projectFiles().filter(
      (file) => /\.(ts|mjs|md|json|css|lua|el|py|sh|js)$|^\.ci\//.test(file) && !file.startsWith('media/sample'),
    );
    const banned = new RegExp(
      `${['registry', 'npmjs'].join('\\.')}|${['', 'work', ''].join('/')}|${['', 'root', ''].join('/')}`,
    );
    assert.deepEqual(
      texts.filter((file) => banned.test(read(file))),
      [],
    );
  });
});

// A task is handed over in a terminal: a scripted model adds an option to a small tool and a test for it, with a real MCP server, and asks
// before each step that does something. What it did is reviewed and undone, byte for byte.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'mocha';
import { TerminalCommand } from '../process/agent/at-terminal.ts';
import { ScriptedLab } from '../process/agent/scripted-lab.ts';
import type { Home } from '../process/home.ts';
import { answer, contentsOf, prepareTool, reads, steps, task } from './tool-task.ts';

const allow = /Allow it\?/;

describe('scenario: a task in a terminal', () => {
  let lab: ScriptedLab;
  let home: Home;
  let folder: string;

  before(async () => {
    lab = await ScriptedLab.open();
    home = lab.home;
    lab.begin([reads, ...steps, answer]);
    folder = await prepareTool(lab);
  });
  after(() => lab[Symbol.asyncDispose]());

  it('is done with an approval for each step, and undone as if it had never been', async () => {
    const was = contentsOf(folder);
    const command = new TerminalCommand(home, ['run', task], folder);
    await command.answer(/Do you trust the files in/, 'y');
    assert.match(await command.answer(allow, 'y'), /create_entities[\s\S]+It has an option --json\./);
    assert.match(
      await command.answer(allow, 'y'),
      /^-console\.log\(words\);\s*$[\s\S]*^\+console\.log\(process\.argv\.includes/m,
    );
    assert.match(await command.answer(allow, 'y'), /\+\+\+ b\/test\/count\.test\.mjs/);
    const run = await command.answer(allow, 'y');
    assert.match(run, /^ {2}program {2}node --test test\/count\.test\.mjs$/m);
    assert.match(run, new RegExp(`^ {2}folder {3}${folder}$`, 'm'));
    assert.match(run, /^ {2}script {3}\S*count\.test\.mjs {2}sha256 [0-9a-f]{64}$/m);
    const { code, said } = await command.ended();
    assert.equal(code, 0, command.stderr);
    assert.equal(command.stdout, `${answer}\n`);
    assert.match(said, /2 files changed · 6 turns · .* · \$/);
    assert.match(readFileSync(home.file('memory.json'), 'utf8'), /It has an option --json\./);
    assert.match(lab.told, /pass 1/);

    const [, jobId = ''] = /switchyard jobs undo ([\w-]+)/.exec(said) ?? [];
    const changes = await home.switchyard(['jobs', 'changes', jobId], '', folder);
    assert.match(changes.stdout, /count\.mjs[\s\S]*test\/count\.test\.mjs \(new\)/);
    const undone = await home.switchyard(['jobs', 'undo', jobId], '', folder);
    assert.equal(undone.code, 0, undone.stderr);
    assert.deepEqual(contentsOf(folder), was);
  });
});

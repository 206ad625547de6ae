// Helix, with the README's lines in its languages.toml, typed into as a user does: findings, code actions, code as one types, and what the
// agent has changed.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { writeScriptedModel } from '../../fakes/gguf.ts';
import type { ScriptedServer } from '../../fakes/provider-servers/scripted-server.ts';
import {
  agentConfigFor,
  filePath,
  flawedCodeIn,
  overrun,
  repair,
  repairAnswer,
  repairIn,
  startModel,
  surcharge,
} from '../harness/flawed-code.ts';
import { Helix } from '../harness/helix.ts';
import { Home } from '../harness/home.ts';
import { acceptedCount } from '../harness/outcomes.ts';
import { until } from '../harness/until.ts';

/** Without the bracket that Helix has closed by itself. */
const row = 'first, second';

describe('Helix, through plain LSP', () => {
  let home: Home;
  let model: ScriptedServer;
  let helix: Helix;
  let workspace: string;
  let file: string;
  let original: string;
  let fixed: string;

  before(async () => {
    model = await startModel([repairAnswer]);
    home = new Home(agentConfigFor(model));
    const models = join(home.folder, 'data', 'models');
    mkdirSync(models, { recursive: true });
    writeScriptedModel(join(models, 'coder.gguf'), `${row});`, { fimAfter: '(' });
    workspace = home.workspace();
    original = flawedCodeIn(workspace);
    fixed = original.replace(overrun.quote, overrun.replacement).replace(surcharge.quote, surcharge.fixed);
    file = join(workspace, filePath);
    helix = await Helix.start(home, file);
  });

  after(async () => {
    await helix?.[Symbol.asyncDispose]();
    await home?.end();
    await model?.close();
  });

  /** What the file holds; undefined for the moment in which Helix has moved the old one away and not written the new one yet. */
  const onDisk = () => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return undefined;
    }
  };

  const saved = (text: string) => until('the saved file', () => onDisk() === text);

  const isConnected = async () => {
    const { clients } = await home.status().catch(() => ({ clients: [] })); // no daemon is running yet
    return clients.some(({ name }) => name === 'helix');
  };

  it('joins the shared daemon', async () => {
    await until('Helix among the clients', isConnected);
  });

  it('reviews the file by a code action, and shows the findings as diagnostics', async () => {
    await helix.act('Review this file with Switchyard');
    await helix.shows('2 findings');
    await helix.type(' d');
    await helix.shows(overrun.message);
    await helix.shows(surcharge.message);
    await helix.escape();
  });

  it('applies the edit that a finding brought, and has a model fix another', async () => {
    await helix.type(']d');
    await helix.act('Apply suggested fix');
    await helix.command('w');
    await saved(original.replace(overrun.quote, overrun.replacement));
    await helix.type(']d');
    await helix.act('Fix with Switchyard:');
    await helix.shows(surcharge.fixed);
    await helix.command('w');
    await saved(fixed);
  });

  it('sends a command with arguments', async () => {
    await helix.command('lsp-workspace-command switchyard.snooze {"minutes": 5}');
    await helix.shows('snoozed for 5 minutes');
    await helix.command('lsp-workspace-command switchyard.snooze {"minutes": 0}');
    await helix.shows('Completion is on again');
  });

  it('has code of our model as a row of its completion list, and takes it', async () => {
    await helix.type('3ggo'); // a blank line, since below a comment the next line is one
    await helix.type('add(');
    await helix.shows(row);
    await helix.press('C-n', 'Enter');
    await helix.escape();
    await helix.command('w');
    await saved(fixed.split('\n').toSpliced(3, 0, `add(${row})`).join('\n'));
    await until('its outcome', () => acceptedCount(home) > 0);
    await helix.type('xd');
    await helix.command('w');
    await saved(fixed);
  });

  it('undoes what the agent changed in the file, and no more, by a code action', async () => {
    await repairIn(workspace, home);
    assert.notEqual(readFileSync(file, 'utf8'), fixed);
    await helix.command('reload');
    await helix.act("Undo the agent's changes to this file");
    await helix.shows('1 file restored');
    assert.equal(readFileSync(file, 'utf8'), fixed);
    assert.equal(readFileSync(join(workspace, repair.newPath), 'utf8'), repair.newText);
    await helix.command('reload');
  });

  it('keeps a single change of the agent by a code action', async () => {
    await helix.command(`open ${join(workspace, repair.newPath)}`);
    await helix.act('Keep this change by the agent');
    await helix.shows('Kept 1 change');
    assert.equal(readFileSync(join(workspace, repair.newPath), 'utf8'), repair.newText);
    await helix.command('buffer-close');
  });

  it('leaves, and the daemon stays for others', async () => {
    const { pid } = await home.status();
    await helix.command('q!');
    await until('the end of Helix', async () => !(await isConnected()));
    assert.equal((await home.status()).pid, pid);
  });
});

// A user with a trusted folder, a scripted model, and the daemon of the built program, for editors of the Agent Client Protocol.
import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';
import { calling, ScriptedLab } from '../agent/scripted-lab.ts';

const capabilities = { tools: true, chat: true };
const price = { input: 1, output: 2 };
const models = [
  { name: 'scripted', capabilities, price, contextTokens: 50_000 },
  { name: 'other', capabilities, price },
  { name: 'seeing', capabilities: { ...capabilities, vision: true }, price },
  { name: 'blind', capabilities: { ...capabilities, vision: false }, price },
];

/** The one edit that these tests make. */
export const edits = calling('edit', { path: 'answer.ts', old: '42', new: '43' });

/** Lives as long as a suite. */
export class AcpLab extends ScriptedLab {
  readonly path = this.home.project('work', 'answer.ts');
  readonly folder = dirname(this.path);

  static override async open(config: object = {}): Promise<AcpLab> {
    const lab = new AcpLab(await startOpenAiServer(), { models, config });
    lab.begin([]);
    await lab.home.switchyard(['trust', lab.folder]);
    return lab;
  }

  /** With a fresh file. */
  override begin(turns = this.turns): void {
    super.begin(turns);
    writeFileSync(this.path, 'export const answer = 42;\n');
  }
}

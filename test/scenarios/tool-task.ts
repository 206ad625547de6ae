// A task for the agent, with a scripted model: an option of a small tool, and a test for it, with a real MCP server beside.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { memoryServer } from '../fakes/mcp-servers/workbench.ts';
import { calling, type ScriptedLab } from '../process/agent/scripted-lab.ts';

export const task = 'Add a --json flag to this little tool and a test for it';
export const tool = "const words = process.argv[2].split(' ').length;\r\nconsole.log(words);\r\n";
export const print = "console.log(process.argv.includes('--json') ? JSON.stringify({ words }) : words);";
export const test = `import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

test('--json prints an object', () => {
  const said = execFileSync(process.execPath, ['count.mjs', 'one two', '--json'], { encoding: 'utf8' });
  assert.deepEqual(JSON.parse(said), { words: 2 });
});
`;

export const reads = calling('read', { path: 'count.mjs' });
/** Calls that the user is asked about, one each turn. */
export const steps = [
  calling('memory__create_entities', {
    entities: [{ name: 'count', entityType: 'tool', observations: ['It has an option --json.'] }],
  }),
  calling('edit', { path: 'count.mjs', old: 'console.log(words);', new: print }),
  calling('edit', { path: 'test/count.test.mjs', new: test }),
  calling('run', { argv: ['node', '--test', 'test/count.test.mjs'] }),
];
export const answer = 'count.mjs has an option --json now, and a test for it.';

/** Returns the folder of the tool, which nobody has trusted yet. */
export async function prepareTool({ home }: ScriptedLab): Promise<string> {
  const folder = dirname(home.project('count.mjs'));
  writeFileSync(join(folder, 'count.mjs'), tool);
  chmodSync(join(folder, 'count.mjs'), 0o755);
  writeFileSync(join(folder, 'untracked.bin'), Buffer.from([0, 255, 13, 10]));
  execFileSync('git', ['init', '--quiet'], { cwd: folder });
  if (process.platform !== 'win32') symlinkSync('count.mjs', join(folder, 'link'));
  const configured = JSON.parse(readFileSync(home.paths.configFile, 'utf8')) as object;
  const memory = { ...memoryServer, env: { MEMORY_FILE_PATH: home.file('memory.json') } };
  home.configure({ ...configured, mcpServers: { memory } });
  const approved = await home.switchyard(['mcp', 'approve', 'memory.create_entities', '--yes'], '', folder);
  assert.equal(approved.code, 0, approved.stderr);
  return folder;
}

/** Every file, link and folder with its bytes and its mode, but the user's own repository. */
export function contentsOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const own = entries.map((entry) => join(entry.parentPath, entry.name)).filter((path) => !path.includes('.git'));
  return Object.fromEntries(own.sort().map((path) => [path, contentOf(path)]));
}

function contentOf(path: string): string {
  const { mode } = statSync(path);
  return `${mode.toString(8)} ${statSync(path).isFile() ? readFileSync(path, 'base64') : ''}`;
}

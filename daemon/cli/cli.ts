// The program's commands as a table, and their help. How they fail is in kit/failure.ts.

import { hintOf } from '../../shared/similar.ts';
import { thisBuild } from '../base/build.ts';
import { type CommandModule, type CommandOptions, type ExitCode, UsageError, wordsOf } from './kit/command.ts';
import { type FailureStyle, reportFailure } from './kit/failure.ts';

interface CommandRow {
  usage: string;
  /** Of its help: a verb first. */
  summary: string;
  example: string;
  load(): Promise<CommandModule>;
}

export const commands: Readonly<Record<string, CommandRow>> = {
  start: {
    usage: 'start',
    summary: 'Open Switchyard in VS Code if `code` is on the PATH, otherwise in the browser',
    example: 'switchyard',
    load: () => import('./start.ts'),
  },
  chat: {
    usage:
      'chat ["TEXT" | -] [--model ID] [--file FILE]… [--image FILE]… [--chat ID | --last] [--continue] [--apply] [--fastest] [--no-cache] [--over-budget] [--json]',
    summary: 'Ask a model. Piped input is attached. Without a question, start a conversation',
    example: 'git diff | switchyard chat "Write a commit message"',
    load: () => import('./chat.ts'),
  },
  chats: {
    usage: 'chats [--limit N] [--json]',
    summary: 'List chats, newest first',
    example: 'switchyard chats --limit 5',
    load: () => import('./chats.ts'),
  },
  review: {
    usage:
      'review FILE… | - | --staged | --unstaged | --commit REV | --base REF | --forget-dismissals [--model ID] [--fresh] [--fail-on error|warning|info|hint] [--format text|json|markdown|sarif] [--json]',
    summary: 'Review files, changes, a commit, or a branch',
    example: 'switchyard review --staged --fail-on error',
    load: () => import('./review.ts'),
  },
  write: {
    usage: 'write "TEXT" [FILE[:LINES]] [--model ID] [--test CMD]… [--yes] [--json]',
    summary: 'Write code with a coder, a reviewer, and a judge, and check it before you see it',
    example: 'switchyard write "Handle an empty list" src/mean.ts:10-20 --test "npm test"',
    load: () => import('./write.ts'),
  },
  run: {
    usage:
      'run "TASK" [--mode MODE] [--root DIR] [--yes-to KINDS] [--max-usd USD] [--max-rounds N] [--model ID] [--chat ID | --continue] [--out FILE] [--over-budget] [--events] [--json]',
    summary: 'Let the agent do a task. It asks before it changes or runs anything',
    example: 'switchyard run "Add a --json option and a test for it" --yes-to edit',
    load: () => import('./run.ts'),
  },
  'commit-message': {
    usage: 'commit-message [DIR] [--model ID] [--json]',
    summary: "Write a commit message for what is staged, in the repository's style",
    example: 'git commit -em "$(switchyard commit-message)"',
    load: () => import('./commit-message.ts'),
  },
  ocr: {
    usage: 'ocr FILE [--json]',
    summary: 'Print the text of a picture, such as a screenshot of code. No model is asked',
    example: 'switchyard ocr screenshot.png > code.py',
    load: () => import('./ocr.ts'),
  },
  jobs: {
    usage:
      'jobs [list [--limit N] | show ID | answer ID ANSWER [REPLY] [--mark MARK] | cancel ID | resume ID | changes ID | review ID [--file FILE] [--all] | keep ID [--file FILE] [--hunk HUNK]… | undo ID [--step N] [--file FILE] [--hunk HUNK]… | prune [--days N]] [--json]',
    summary: 'List jobs: those of `write`, and runs of the agent. Answer, resume, review, or undo one',
    example: 'switchyard jobs resume 0198c3f2',
    load: () => import('./jobs.ts'),
  },
  completion: {
    usage: 'completion [why | forget] [--json]',
    summary: 'Show what was learned from your code suggestions, or delete it',
    example: 'switchyard completion why',
    load: () => import('./completion.ts'),
  },
  eval: {
    usage:
      'eval review | write | completion | agent | calls [--corpus DIR] [--model ID] [--limit N] [--task NAME] [--yes] [--json]',
    summary:
      'Measure models: what their reviews find, how often their code passes checks, how well they complete code, or what they do as an agent',
    example: 'switchyard eval review --limit 20',
    load: () => import('./eval.ts'),
  },
  hook: {
    usage: 'hook install [--fail-on error|warning|info|hint] | remove',
    summary: 'Review each commit before it is made, with a Git pre-commit hook',
    example: 'switchyard hook install',
    load: () => import('./hook.ts'),
  },
  search: {
    usage: 'search "QUERY" [--in chats|code|memories|findings]… [--limit N] [--cursor PAGE] [--json]',
    summary: 'Search chats, findings, code, and memories',
    example: 'switchyard search "retry after 429" --in chats',
    load: () => import('./search.ts'),
  },
  models: {
    usage:
      'models [list | setup | search NAME | pull ID | downloads | discard ID | add PATH [--copy] | show ID | load ID | unload ID | waiting | set ID NAME VALUE | unset ID NAME | delete ID | deleted | restore ID | purge [ID]] [--json]',
    summary: 'List, get, set up, and delete models',
    example: 'switchyard models add ~/models/coder.gguf',
    load: () => import('./models.ts'),
  },
  gpu: {
    usage: 'gpu [status | install [FILE…] [--cuda] | remove] [--json]',
    summary: 'Show the GPUs of this machine, and get GPU support for local models',
    example: 'switchyard gpu install',
    load: () => import('./gpu.ts'),
  },
  keys: {
    usage: 'keys [list | set PROVIDER | delete PROVIDER | rotate] [--workspace DIR] [--json]',
    summary: 'Manage API keys. `set` reads the key from stdin',
    example: 'switchyard keys set openai < key.txt',
    load: () => import('./keys.ts'),
  },
  trust: {
    usage: 'trust DIR [--remove | --forget] | --list [--json]',
    example: 'switchyard trust .',
    summary: 'Trust a folder, so that its own linters and configuration are used and the agent can work in it',
    load: () => import('./trust.ts'),
  },
  route: {
    usage: 'route "TEXT" [--json]',
    summary: 'Show which model would answer and why, without asking it',
    example: 'switchyard route "Explain this regular expression"',
    load: () => import('./route.ts'),
  },
  replay: {
    usage: 'replay --policy local-first|cheapest|best|fastest|local-only [--json]',
    summary: 'Show how past requests would have been routed under another policy',
    example: 'switchyard replay --policy cheapest',
    load: () => import('./replay.ts'),
  },
  costs: {
    usage: 'costs [--by day|profile|workspace|chat|answer|model|provider] [--since today|month|7d|YYYY-MM-DD] [--json]',
    summary: 'Show what answers cost, and how much of each budget is left',
    example: 'switchyard costs --by model --since month',
    load: () => import('./costs.ts'),
  },
  profiles: {
    usage: 'profiles [list | create NAME [--model ID] | use NAME | delete NAME [--confirm NAME]] [--json]',
    summary: 'Keep chats, findings, and costs separate. `use` sets the profile of this folder',
    example: 'switchyard profiles use work',
    load: () => import('./profiles.ts'),
  },
  projects: {
    usage: 'projects [list | attach ID DIR] [--json]',
    summary: "List this profile's projects. `attach` sets the folder of a project that moved",
    example: 'switchyard projects attach 0198c3f2 ~/code/shop',
    load: () => import('./projects.ts'),
  },
  memories: {
    usage:
      'memories [list | add TEXT [--project] | on ID | off ID | edit ID TEXT | accept ID | dismiss ID | delete ID] [--json]',
    summary: 'Manage memories: facts that are added to every question',
    example: 'switchyard memories add "We indent with tabs" --project',
    load: () => import('./memories.ts'),
  },
  backup: {
    usage: 'backup [list | create | verify [FILE] | restore FILE] [--json]',
    summary: 'Back up everything that is stored, verify a backup, or restore one',
    example: 'switchyard backup verify',
    load: () => import('./backup.ts'),
  },
  export: {
    usage: 'export --chat ID… | --all [--format markdown|json] [--out DIR|FILE] [--profile NAME]',
    summary: 'Write chats to Markdown files or to one JSON document',
    example: 'switchyard export --all --format json --out chats.json',
    load: () => import('./export.ts'),
  },
  import: {
    usage:
      'import [FILE|DIR] [--all] [--from auto|switchyard|chatgpt|claude|claude-code|codex|continue|cline|copilot] [--profile NAME] [--dry-run] [--json]',
    summary: 'Import chats from other programs. Without a path, list those on this machine',
    example: 'switchyard import ~/Downloads/conversations.json --dry-run',
    load: () => import('./import.ts'),
  },
  doctor: {
    usage: 'doctor [--json]',
    summary: 'Check the configuration, keys, models, storage, and network',
    example: 'switchyard doctor',
    load: () => import('./doctor.ts'),
  },
  mcp: {
    usage:
      'mcp [list | approve SERVER[.TOOL] [--yes | --revoke] | add NAME [--env NAME=VALUE]… [--cwd DIR] [--local] -- COMMAND… | add NAME --url URL [--header NAME=VALUE]… [--local] | remove NAME | restart NAME | import [--from FILE] | login NAME | logout NAME] [--profile NAME] [--json] | mcp [--root DIR]… [--profile NAME] [--no-index] [--config vscode|claude|cursor|zed|codex]',
    summary:
      "Offer Switchyard's tools to other agents, as an MCP server on stdio. With a subcommand, set up the MCP servers whose tools its own agent may call",
    example: 'switchyard mcp --config claude',
    load: () => import('./mcp.ts'),
  },
  acp: {
    usage: 'acp [--profile NAME] [--config zed|jetbrains|neovim|emacs]',
    summary: 'Serve chat and agent to editors that speak the Agent Client Protocol, on stdio',
    example: 'switchyard acp --config zed',
    load: () => import('./acp.ts'),
  },
  status: {
    usage: 'status [--json]',
    summary: 'Show what the daemon is doing',
    example: 'switchyard status --json',
    load: () => import('./status.ts'),
  },
  stop: {
    usage: 'stop [--force]',
    summary: 'Stop the daemon',
    example: 'switchyard stop',
    load: () => import('./stop.ts'),
  },
  open: {
    usage: 'open [--history | --jobs] [--no-browser] [--json]',
    summary: 'Open the chat or the history in a browser',
    example: 'switchyard open --history',
    load: () => import('./open.ts'),
  },
  serve: {
    usage: 'serve',
    summary: 'Run the daemon in the foreground. Clients start it when they need it',
    example: 'switchyard serve',
    load: () => import('./serve.ts'),
  },
};

/** Runs the program; the process ends by itself when nothing is left to do. */
export async function main(args: string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(3)); // the reader of the pipe has closed it
  process.exitCode = await dispatch(args);
}

async function dispatch(args: string[]): Promise<ExitCode> {
  const [name = 'start', ...rest] = args;
  const wantsJson = beforeDashes(rest).includes('--json');
  if (name === '--stdio') return attempt(async () => (await import('./stdio.ts')).run(rest), { wantsJson });
  if (name === '--version' || name === '-v') return print(`switchyard ${thisBuild.version}`);
  if (name === '--help' || name === '-h') return print(help());
  if (name === 'help') return rest.length === 0 ? print(help()) : dispatch([...rest.slice(0, 1), '--help']);
  const row = Object.hasOwn(commands, name) ? commands[name] : undefined;
  return attempt(
    async () => {
      if (!row) throw new UsageError(`There is no command "${name}".`, hintOf(name, Object.keys(commands)));
      const { run, options = {} } = await row.load();
      const wantsHelp = beforeDashes(rest).some((word) => word === '--help' || word === '-h');
      return wantsHelp ? print(helpOf(row, options)) : run(rest);
    },
    { wantsJson, usage: row?.usage },
  );
}

/** Words after `--` are never options. */
function beforeDashes(args: readonly string[]): readonly string[] {
  const dashes = args.indexOf('--');
  return dashes < 0 ? args : args.slice(0, dashes);
}

async function attempt(run: () => Promise<ExitCode>, how: FailureStyle): Promise<ExitCode> {
  try {
    return await run();
  } catch (error) {
    return reportFailure(error, how);
  }
}

function print(text: string): ExitCode {
  process.stdout.write(`${text.trimEnd()}\n`);
  return 0;
}

function help(): string {
  const width = 2 + Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`);
  return [
    'Usage: switchyard [COMMAND]',
    '',
    ...lines,
    `  ${'--stdio'.padEnd(width)}Run as a language server on stdio. With \`--alone\`, don't use the shared daemon`,
    `  ${'--version'.padEnd(width)}Print the version`,
    '',
    'To see the options of a command and an example, run `switchyard COMMAND --help`.',
    'Exit codes: 0 success, 1 findings at or above --fail-on, 2 usage error, 3 failure (the reason is on stderr), 130 stopped with Ctrl+C.',
    '',
  ].join('\n');
}

function helpOf({ usage, summary, example }: CommandRow, options: CommandOptions): string {
  const names = Object.entries(options).map(([name, { value }]) => `--${name}${value ? ` ${value}` : ''}`);
  const width = 2 + Math.max(0, ...names.map((name) => name.length));
  const lines = Object.values(options).map(
    (option, index) =>
      `  ${(names[index] ?? '').padEnd(width)}${descriptionOf(option)}${option.multiple ? ' (repeatable)' : ''}`,
  );
  return [
    `Usage: switchyard ${usage}`,
    '',
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...(lines.length > 0 ? ['', 'Options:', ...lines] : []),
    '',
    'Example:',
    `  ${example}`,
  ].join('\n');
}

function descriptionOf({ description, goesWith = [] }: CommandOptions[string]): string {
  const words = goesWith.filter((word) => word !== '');
  if (words.length === 0) return description;
  return `With ${wordsOf(words)}, ${description.charAt(0).toLowerCase()}${description.slice(1)}`;
}

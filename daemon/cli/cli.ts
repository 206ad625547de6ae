// The program's commands as a table, and their help. How they fail is in kit/failure.ts.

import { hintOf } from '../../shared/similar.ts';
import { thisBuild } from '../base/build.ts';
import { type CommandModule, type CommandOptions, type ExitCode, UsageError } from './kit/command.ts';
import { type FailureStyle, reportFailure } from './kit/failure.ts';

interface CommandRow {
  usage: string;
  /** Of its help: a verb first. */
  summary: string;
  example: string;
  load(): Promise<CommandModule>;
}

const commands: Record<string, CommandRow> = {
  start: {
    usage: 'start',
    summary: 'shows Switchyard: in VS Code when `code` is on the PATH, else in the browser',
    example: 'switchyard',
    load: () => import('./start.ts'),
  },
  chat: {
    usage:
      'chat ["TEXT" | -] [--model ID] [--file FILE]… [--chat ID | --last] [--fastest] [--no-cache] [--over-budget] [--json]',
    summary: 'asks a model; what is piped in goes along, and without a question you talk',
    example: 'git diff | switchyard chat "Write a commit message"',
    load: () => import('./chat.ts'),
  },
  chats: {
    usage: 'chats [--limit N] [--json]',
    summary: 'lists chats, the newest first',
    example: 'switchyard chats --limit 5',
    load: () => import('./chats.ts'),
  },
  review: {
    usage: 'review FILE… | - | --staged | --unstaged [--model ID] [--fail-on error|warning|info|hint] [--json]',
    summary: 'reviews files or a diff',
    example: 'switchyard review --staged --fail-on error',
    load: () => import('./review.ts'),
  },
  search: {
    usage: 'search "QUERY" [--in chats|code|memories|findings]… [--limit N] [--cursor PAGE] [--json]',
    summary: 'searches chats, findings, code and memories',
    example: 'switchyard search "retry after 429" --in chats',
    load: () => import('./search.ts'),
  },
  models: {
    usage: 'models [list | setup | add FILE | pull ID] [--json]',
    summary: 'lists models and gets new ones',
    example: 'switchyard models add ~/models/coder.gguf',
    load: () => import('./models.ts'),
  },
  keys: {
    usage: 'keys [list | set PROVIDER | delete PROVIDER | rotate] [--workspace DIR] [--json]',
    summary: 'keeps provider keys; `set` reads the key from stdin',
    example: 'switchyard keys set openai < key.txt',
    load: () => import('./keys.ts'),
  },
  trust: {
    usage: 'trust DIR [--remove] | --list [--json]',
    example: 'switchyard trust .',
    summary: "lets a folder's own linters and configuration be used",
    load: () => import('./trust.ts'),
  },
  route: {
    usage: 'route "TEXT" [--json]',
    summary: 'says which model would answer and why, without asking it',
    example: 'switchyard route "Explain this regular expression"',
    load: () => import('./route.ts'),
  },
  replay: {
    usage: 'replay --policy local-first|cheapest|best|fastest|local-only [--json]',
    summary: 'decides past requests again under another policy',
    example: 'switchyard replay --policy cheapest',
    load: () => import('./replay.ts'),
  },
  costs: {
    usage: 'costs [--by day|profile|workspace|chat|answer|model|provider] [--since today|month|7d|YYYY-MM-DD] [--json]',
    summary: 'says what answers cost, and how the budgets stand',
    example: 'switchyard costs --by model --since month',
    load: () => import('./costs.ts'),
  },
  profiles: {
    usage: 'profiles [list | create NAME [--model ID] | use NAME | delete NAME [--confirm NAME]] [--json]',
    summary: 'keeps chats, findings and costs apart; `use` binds this folder to one',
    example: 'switchyard profiles use work',
    load: () => import('./profiles.ts'),
  },
  projects: {
    usage: 'projects [list | attach ID DIR] [--json]',
    summary: "lists the projects of this folder's profile; `attach` says where one is now",
    example: 'switchyard projects attach 0198c3f2 ~/code/shop',
    load: () => import('./projects.ts'),
  },
  memories: {
    usage:
      'memories [list | add TEXT [--project] | on ID | off ID | edit ID TEXT | accept ID | dismiss ID | delete ID] [--json]',
    summary: 'keeps facts that go along with every question',
    example: 'switchyard memories add "We indent with tabs" --project',
    load: () => import('./memories.ts'),
  },
  backup: {
    usage: 'backup [list | create | verify [FILE] | restore FILE] [--json]',
    summary: 'copies everything that is stored, checks copies, goes back to one',
    example: 'switchyard backup verify',
    load: () => import('./backup.ts'),
  },
  export: {
    usage: 'export --chat ID… | --all [--format markdown|json] [--out DIR|FILE] [--profile NAME]',
    summary: 'writes chats as Markdown files or as one JSON document',
    example: 'switchyard export --all --format json --out chats.json',
    load: () => import('./export.ts'),
  },
  import: {
    usage:
      'import [FILE|DIR] [--all] [--from auto|switchyard|chatgpt|claude|claude-code|codex|continue|cline|copilot] [--profile NAME] [--dry-run] [--json]',
    summary: 'stores chats of other programs; without a path, lists those on this machine',
    example: 'switchyard import ~/Downloads/conversations.json --dry-run',
    load: () => import('./import.ts'),
  },
  doctor: {
    usage: 'doctor [--json]',
    summary: 'checks everything that can be wrong',
    example: 'switchyard doctor',
    load: () => import('./doctor.ts'),
  },
  status: {
    usage: 'status [--json]',
    summary: 'says what the daemon is doing',
    example: 'switchyard status --json',
    load: () => import('./status.ts'),
  },
  stop: {
    usage: 'stop [--force]',
    summary: 'ends the daemon',
    example: 'switchyard stop',
    load: () => import('./stop.ts'),
  },
  open: {
    usage: 'open [--history] [--no-browser] [--json]',
    summary: 'shows the chat, or the history, in a browser',
    example: 'switchyard open --history',
    load: () => import('./open.ts'),
  },
  serve: {
    usage: 'serve',
    summary: 'is the daemon (clients start it by themselves)',
    example: 'switchyard serve',
    load: () => import('./serve.ts'),
  },
};

/** Runs the program; the process ends by itself when nothing is left to do. */
export async function main(args: string[]): Promise<void> {
  process.stdout.on('error', () => process.exit(3)); // the reader of the pipe has closed it
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
  const width = 12;
  const lines = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`);
  return [
    'Usage: switchyard [COMMAND]',
    '',
    ...lines,
    `  ${'--stdio'.padEnd(width)}serves an editor over LSP; \`--stdio --alone\` in this process, without the shared daemon`,
    `  ${'--version'.padEnd(width)}prints the version`,
    '',
    '`switchyard COMMAND --help` shows the options of a command, with an example.',
    'Exit codes: 0 fine, 1 findings at or above --fail-on, 2 usage, 3 failed (the reason is on stderr), 130 stopped by Ctrl+C.',
    '',
  ].join('\n');
}

function helpOf({ usage, summary, example }: CommandRow, options: CommandOptions): string {
  const names = Object.entries(options).map(([name, { value }]) => `--${name}${value ? ` ${value}` : ''}`);
  const width = 2 + Math.max(0, ...names.map((name) => name.length));
  const lines = Object.values(options).map(
    ({ description, multiple }, index) =>
      `  ${(names[index] ?? '').padEnd(width)}${description}${multiple ? '; can be repeated' : ''}`,
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

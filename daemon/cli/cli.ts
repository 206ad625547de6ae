// The program's commands as a table, and the rules they share: exit codes, help, errors as sentences on stderr.
import { thisBuild } from '../base/build.ts';
import { CancelledError, UserError } from '../base/errors.ts';
import { type Command, type ExitCode, UsageError } from './kit/command.ts';

interface CommandRow {
  usage: string;
  summary: string;
  load(): Promise<{ run: Command }>;
}

const commands: Record<string, CommandRow> = {
  start: {
    usage: 'start',
    summary: 'shows Switchyard: in VS Code when `code` is on the PATH, else in the browser',
    load: () => import('./start.ts'),
  },
  chat: {
    usage: 'chat "TEXT" [--model ID] [--file FILE]… [--chat ID] [--fastest] [--json]',
    summary: 'asks a model',
    load: () => import('./chat.ts'),
  },
  review: {
    usage: 'review FILE… | --staged | --unstaged [--model ID] [--fail-on error|warning|info|hint] [--json]',
    summary: 'reviews files or a diff',
    load: () => import('./review.ts'),
  },
  search: {
    usage: 'search "QUERY" [--in chats|code|memories|findings]… [--limit N] [--cursor PAGE] [--json]',
    summary: 'searches chats, findings, code and memories',
    load: () => import('./search.ts'),
  },
  models: {
    usage: 'models [list | setup | add FILE | pull ID] [--json]',
    summary: 'lists models and gets new ones',
    load: () => import('./models.ts'),
  },
  keys: {
    usage: 'keys [list | set PROVIDER | delete PROVIDER | rotate] [--workspace DIR] [--json]',
    summary: 'keeps provider keys; `set` reads the key from stdin',
    load: () => import('./keys.ts'),
  },
  route: {
    usage: 'route "TEXT" [--json]',
    summary: 'says which model would answer, and why; asks none',
    load: () => import('./route.ts'),
  },
  replay: {
    usage: 'replay --policy local-first|cheapest|best|fastest|local-only [--json]',
    summary: 'decides past requests again under another policy',
    load: () => import('./replay.ts'),
  },
  costs: {
    usage: 'costs [--by day|profile|workspace|chat|answer|model|provider] [--since today|month|7d|YYYY-MM-DD] [--json]',
    summary: 'says what answers cost, and how the budgets stand',
    load: () => import('./costs.ts'),
  },
  profiles: {
    usage: 'profiles [list | create NAME [--model ID] | use NAME | delete NAME [--confirm NAME]] [--json]',
    summary: 'keeps chats, findings and costs apart; `use` binds this folder to one',
    load: () => import('./profiles.ts'),
  },
  projects: {
    usage: 'projects [list | attach ID DIR] [--json]',
    summary: "lists the projects of this folder's profile; `attach` says where one is now",
    load: () => import('./projects.ts'),
  },
  memories: {
    usage:
      'memories [list | add TEXT [--project] | on ID | off ID | edit ID TEXT | accept ID | dismiss ID | delete ID] [--json]',
    summary: 'keeps facts that go along with every question',
    load: () => import('./memories.ts'),
  },
  backup: {
    usage: 'backup [list | create | verify [FILE] | restore FILE] [--json]',
    summary: 'copies everything that is stored, checks copies, goes back to one',
    load: () => import('./backup.ts'),
  },
  export: {
    usage: 'export --chat ID… | --all [--format markdown|json] [--out DIR|FILE] [--profile NAME]',
    summary: 'writes chats as Markdown files or as one JSON document',
    load: () => import('./export.ts'),
  },
  import: {
    usage:
      'import FILE|DIR [--from auto|switchyard|chatgpt|claude|claude-code|codex|continue|cline|copilot] [--profile NAME] [--dry-run] [--json]',
    summary: 'stores chats of other programs; twice is as good as once',
    load: () => import('./import.ts'),
  },
  doctor: {
    usage: 'doctor [--json]',
    summary: 'checks everything that can be wrong',
    load: () => import('./doctor.ts'),
  },
  status: { usage: 'status [--json]', summary: 'says what the daemon is doing', load: () => import('./status.ts') },
  stop: { usage: 'stop [--force]', summary: 'ends the daemon', load: () => import('./stop.ts') },
  open: {
    usage: 'open [--history] [--no-browser] [--json]',
    summary: 'shows the chat, or the history, in a browser',
    load: () => import('./open.ts'),
  },
  serve: {
    usage: 'serve',
    summary: 'is the daemon (clients start it by themselves)',
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
  if (name === '--stdio') return attempt(async () => (await import('./stdio.ts')).run(rest));
  if (name === '--version' || name === '-v') return print(`switchyard ${thisBuild.version}`);
  if (name === '--help' || name === '-h' || name === 'help' || rest.includes('--help')) return print(help());
  const row = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!row) return usage(`There is no command "${name}".`);
  return attempt(async () => (await row.load()).run(rest), row);
}

async function attempt(run: () => Promise<ExitCode>, row?: CommandRow): Promise<ExitCode> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UsageError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS'))
      return usage((error as Error).message, row);
    if (error instanceof CancelledError) return 3;
    process.stderr.write(
      `switchyard: ${error instanceof UserError ? error.message : ((error as Error).stack ?? String(error))}\n`,
    );
    return 3;
  }
}

function usage(problem: string, row?: CommandRow): ExitCode {
  process.stderr.write(`switchyard: ${problem}\n${row ? `Usage: switchyard ${row.usage}\n` : help()}`);
  return 2;
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
    'Exit codes: 0 fine, 1 findings at or above --fail-on, 2 usage, 3 failed (the reason is on stderr).',
    '',
  ].join('\n');
}

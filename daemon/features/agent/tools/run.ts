// The tool that runs a program: its arguments one by one, and no shell. The user is asked about exactly what runs; it is looked at again
// before it starts.
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import * as z from 'zod';
import { hiddenIn } from '../../../../shared/hidden-characters.ts';
import { argvWords } from '../../../../shared/words/argv-words.ts';
import { cleanMessage, plainText } from '../../../base/clean-text.ts';
import { realPlace } from '../../../base/disk.ts';
import { CancelledError, UserError } from '../../../base/errors.ts';
import { isInside } from '../../../base/paths.ts';
import { programAt, type StartedProgram, spawnedCommand } from '../../../base/process/windows-command.ts';
import type { Ignore } from '../../../ignore/ignore.ts';
import { redact } from '../../../models/secrets/scanner.ts';
import { findMachineTool, pathFolders } from '../../pipeline/analysers/find-tool.ts';
import type { ToolText } from '../../tools/result.ts';
import { whyDangerous, whyPathDangerous } from '../approvals/dangerous-programs.ts';
import { hashOf } from '../approvals/identity.ts';
import { needTrust, type TrustCheck } from '../approvals/need-trust.ts';
import type { ProgramOutput, Sandbox } from '../sandbox/sandbox.ts';
import { namedTests, runChoices, withoutOutput } from './choices/run-choices.ts';
import type { FolderFiles } from './folder-files.ts';
import { type NamedScript, packageScripts, pathsIn, scriptsOf } from './run-scripts.ts';
import type { AgentTool, ApprovalSubject, PreparedCall, ToolOutcome, ToolRun } from './tool.ts';

export interface RunToolDeps {
  files: FolderFiles;
  sandbox: Sandbox;
  ignore: Ignore;
  trusts: TrustCheck;
  env?: NodeJS.ProcessEnv;
}

const Arguments = z.strictObject({
  argv: z.array(z.string().max(4096)).min(1).max(100),
  folder: z.string().max(4096).optional(),
  network: z.boolean().optional(),
});
type Said = z.infer<typeof Arguments>;

export function programTool(deps: RunToolDeps): AgentTool {
  return {
    name: 'run',
    description: 'Runs a program without a shell or network, such as ["npm", "test"].',
    parameters: {
      type: 'object',
      properties: {
        argv: { type: 'array', items: { type: 'string' } },
        folder: { type: 'string' },
        network: { type: 'boolean' },
      },
      required: ['argv'],
      additionalProperties: false,
    },
    kind: 'run',
    choices: (run, past) => runChoices(deps.files, run, past),
    first: (run, task) => namedTests(deps.files, run, task),
    async prepare(given, run) {
      const said = readArguments(given);
      await needTrust(deps.trusts, run);
      const planned = await plan(said, run, deps);
      return {
        title: `Run ${planned.words}`,
        source: `the output of ${planned.words}`,
        approval: planned.approval,
        perform: () => perform(said, planned, { run, deps }),
      } satisfies PreparedCall;
    },
  };
}

function readArguments(given: unknown): Said {
  const read = Arguments.safeParse(given);
  if (!read.success)
    throw new UserError(
      'wrong-arguments',
      'Give argv as a list of the program and its arguments, such as ["npm", "test"]. There is no shell.',
    );
  const bad = read.data.argv.find((word) => hiddenIn(word).length > 0 || /[\r\n\t\f]/.test(word));
  if (bad !== undefined || read.data.argv[0]?.trim() === '')
    throw new UserError(
      'wrong-arguments',
      "An argument has a line break or a character that can't be seen. Put longer texts in a file.",
    );
  return read.data;
}

/** All that is known of a run before it starts. */
interface RunPlan {
  /** The program, as a path that is started, and what comes before its own arguments. */
  file: string;
  before: readonly string[];
  /** Real paths. */
  root: string;
  folder: string;
  network: 'off' | 'on';
  /** As the user reads it. */
  words: string;
  scripts: NamedScript[];
  approval: ApprovalSubject;
}

async function plan(said: Said, run: ToolRun, deps: RunToolDeps): Promise<RunPlan> {
  const root = await realpath(run.root);
  const folder = await folderOf(said.folder ?? '.', root);
  const { file, before } = programOf(said.argv[0] ?? '', { root, folder }, deps.env ?? process.env);
  spawnedCommand(file, [...before, ...said.argv.slice(1)], { cwd: folder }); // throws before anybody is asked
  const real = await realpath(file);
  const canIsolate = await deps.sandbox.canIsolate(root);
  const network = said.network || !canIsolate ? 'on' : 'off';
  const shown = network === 'on' && canIsolate ? deps.sandbox.shownFiles() : [];
  const words = argvWords(said.argv);
  const search = { root, folder, program: before[0] ?? file, argv: said.argv };
  const scripts = await scriptsOf(search);
  await refuseUnsaved(scripts, root, run);
  const why = said.network
    ? 'It asks for the network.'
    : await whyAsked(
        { names: [said.argv[0] ?? '', before[0] ?? real], args: said.argv.slice(1) },
        { root, folder },
        deps,
      );
  const inFolder = relative(root, folder).replaceAll(sep, '/');
  const named = await packageScripts(said.argv, folder);
  const text = [
    `Run ${cleanMessage(words, 500)}${inFolder === '' ? '' : ` in ${inFolder}`}?`,
    ...named.map(
      ({ name, text: script }) => `The script "${cleanMessage(name, 60)}" is \`${cleanMessage(script, 300)}\`.`,
    ),
    ...(why === undefined ? [] : [why]),
    fenceWords(network, canIsolate),
    ...shownWords(shown),
  ].join(' ');
  return {
    ...{ file, before, root, folder, network, words: cleanMessage(words, 200), scripts },
    approval: {
      shown: {
        kind: 'run',
        text,
        run: { argv: said.argv, folder, scripts, network },
        canAlways: why === undefined,
      },
      identity: hashOf(['run', real, before, said.argv, folder, scripts, network, ...shown]),
      ...(why !== undefined && { isDangerous: true }),
    },
  };
}

/** What the program can reach, as sentences. */
function fenceWords(network: 'off' | 'on', canIsolate: boolean): string {
  if (!canIsolate)
    return "The network is on. This system can't turn it off for a program, or keep the program from your other files and from services such as Docker.";
  return network === 'off'
    ? 'The network is off, and only the workspace folder can be changed.'
    : 'The network is on, which includes services on this machine. Only the workspace folder and the downloads of package managers can be changed.';
}

function shownWords(shown: readonly string[]): string[] {
  const names = shown.map((path) => cleanMessage(path, 100)).join(', ');
  return shown.length === 0 ? [] : [`It can read ${names}, as set in config.json.`];
}

async function folderOf(said: string, root: string): Promise<string> {
  const folder = await realpath(resolve(root, said)).catch(() => undefined);
  if (folder === undefined || !isInside(folder, root) || !(await stat(folder)).isDirectory())
    throw new UserError('no-folder', 'The folder to run in must be one inside of the workspace folder.');
  return folder;
}

/** A program of the folder is named by its path; others are looked for on the PATH, never in the folder. */
function programOf(
  name: string,
  { root, folder }: { root: string; folder: string },
  env: NodeJS.ProcessEnv,
): StartedProgram {
  if (/[\\/]/.test(name)) {
    const program = programAt(resolve(folder, name), pathFolders(root, env));
    if (program) return program;
    throw new UserError('no-program', `There's no program ${cleanMessage(name, 200)}.`);
  }
  const program = /^npx(?:\.\w+)?$/i.test(name) ? 'npm' : name;
  const found = findMachineTool({ kind: 'npm', package: program, program: name }, { root }, env);
  if (found) return found;
  throw new UserError(
    'no-program',
    `Couldn't find ${cleanMessage(name, 100)}. Name a program of the PATH, or the path of one in the folder, such as node_modules/.bin/tool.`,
  );
}

/** Why it is asked about whatever was allowed before, as a sentence. */
async function whyAsked(
  call: Parameters<typeof whyDangerous>[0],
  { root, folder }: { root: string; folder: string },
  { ignore }: Pick<RunToolDeps, 'ignore'>,
): Promise<string | undefined> {
  const why = whyDangerous(call);
  if (why !== undefined) return `${basename(call.names[0])} ${why}, so this is asked each time.`;
  const [name, ...args] = [call.names[0], ...call.args];
  for (const word of [...(/[\\/]/.test(name) ? [name] : []), ...args])
    for (const path of pathsIn(word)) {
      const reason = await whyPathAsked(path, { root, folder }, ignore);
      if (reason !== undefined) return `${cleanMessage(path, 100)} ${reason}, so this is asked each time.`;
    }
  return undefined;
}

async function whyPathAsked(
  said: string,
  { root, folder }: { root: string; folder: string },
  ignore: Ignore,
): Promise<string | undefined> {
  if (said === '/dev/null') return undefined;
  if (/^file:/i.test(said)) return 'lies outside the folder';
  const path = resolve(folder, said.replaceAll('\\', sep));
  const real = (await realPlace(path)) ?? path; // what isn't there yet as well: its folder may be behind a link
  for (const each of new Set([path, real])) {
    const why = whyPathDangerous(relative(root, each).replaceAll(sep, '/'));
    if (why !== undefined) return why;
  }
  const { ignored, by = '' } = await ignore.isIgnored(path, root);
  return ignored && /^a (?:built-in )?rule|\.switchyardignore,/.test(by) ? `is kept from models by ${by}` : undefined;
}

/** Throws UserError `unsaved-changes`: what runs is what the disk has. */
async function refuseUnsaved(
  scripts: readonly NamedScript[],
  root: string,
  { session, root: folder }: ToolRun,
): Promise<void> {
  for (const { path } of scripts) {
    const [file = ''] = path.split('#');
    await session.refresh?.(pathToFileURL(join(folder, file)).href);
    const open = session.document(pathToFileURL(join(root, file)).href);
    if (open === undefined) continue;
    const saved = await readFile(join(root, file), 'utf8').catch(() => '');
    if (plainText(open.getText()) !== plainText(saved))
      throw new UserError(
        'unsaved-changes',
        `${file} has unsaved changes in the editor. Ask the user to save them first.`,
      );
  }
}

const maxHead = 2000;
const maxTail = 3600; // a quotation holds 6000 characters
const maxScanned = 200_000;

async function perform(
  said: Said,
  planned: RunPlan,
  { run, deps }: { run: ToolRun; deps: RunToolDeps },
): Promise<ToolOutcome> {
  await needTrust(deps.trusts, run);
  const now = await plan(said, run, deps);
  if (now.approval.identity !== planned.approval.identity || now.approval.isDangerous !== planned.approval.isDangerous)
    throw new UserError(
      'run-changed',
      'What this would run has changed meanwhile, so it did not run. Ask for it again.',
    );
  const { file, before, folder, root, network, words } = now;
  run.report(`Running ${words}`);
  const args = [...before, ...said.argv.slice(1)];
  const output = await deps.sandbox.run({ file, args, folder, root, network }, run.signal).catch((error: unknown) => {
    if (error instanceof CancelledError) throw error;
    throw new UserError(
      'no-program',
      `${words} couldn't start: ${error instanceof Error ? error.message : String(error)}`,
    );
  });
  const end = endOf(output);
  const quoted: ToolText[] = (['stdout', 'stderr'] as const).flatMap((name) => {
    const text = withoutSecrets(withoutNodesOwn(stripVTControlCharacters(output[name])).trim());
    if (text === '') return [];
    const source = `${name} of ${words}`;
    if (text.length <= maxHead + maxTail) return [{ source, text, keepsEnd: true }];
    return [
      { source: `${source}, its end`, text: text.slice(-maxTail).toWellFormed(), keepsEnd: true },
      { source: `${source}, its beginning`, text: text.slice(0, maxHead).toWellFormed() },
    ];
  });
  const ok = output.exitCode === 0 && !output.ended;
  const plain = `${words} ${end}.`;
  const summary = [
    plain,
    ...setAsideWords(output),
    ...(ok ? [] : [...readOnlyWords(output), ...hiddenWords(output)]),
  ].join(' ');
  const isSilent = ok && quoted.length === 0 && summary === plain;
  return {
    ok,
    text: isSilent ? [`${words} ${withoutOutput}`] : [summary, ...quoted],
    summary,
    isMaterial: quoted.length > 0,
  };
}

/** Where an error came through Node's own files, and what Node says of its own experiments: nobody can change those, and small models read slowly. */
function withoutNodesOwn(text: string): string {
  return text
    .replace(/^ +at (?:async )?(?:.*\()?node:internal\/.*\r?\n/gm, '')
    .replace(/^\(node:\d+\) ExperimentalWarning: .*\r?\n(?:\(Use `node --trace-warnings .*\r?\n)?/gm, '');
}

function endOf({ exitCode, ended }: ProgramOutput): string {
  if (ended === 'disk-filled') return 'was stopped, since it nearly filled the disk';
  if (ended === 'timeout') return 'was stopped, since it took too long';
  if (ended === 'output-too-large') return 'was stopped, since it wrote too much';
  return exitCode === 0 ? 'succeeded' : `ended with ${exitCode === null ? 'a signal' : `exit code ${exitCode}`}`;
}

const refusals =
  /\b(?:40[134]|E40[134]|ENEEDAUTH|unauthorized|unauthenticated|forbidden|authentication|credentials?|log ?in|access denied)\b/i;

/** Registries say so in many ways; some only that there's no such package. */
function hiddenWords({ hidden, stdout, stderr }: ProgramOutput): string[] {
  const [first] = hidden ?? [];
  if (hidden === undefined || !refusals.test(`${stderr}\n${stdout}`)) return [];
  const names = hidden.map((name) => `~/${name}`).join(', ');
  return [
    `It couldn't sign in with ${names}, which programs don't see.`,
    `To let those with the network read it, add \`"agent": { "showToPrograms": ["~/${first}"] }\` to config.json.`,
  ];
}

const maxNames = 5;

function setAsideWords({ setAside }: ProgramOutput): string[] {
  if (!setAside) return [];
  const { names, folder } = setAside;
  const shown = names.slice(0, maxNames).map((name) => cleanMessage(name, 100));
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
  return [
    `It made ${shown.join(', ')}${more}, by which an editor, git, a shell, or an agent would run programs.`,
    `That was moved to ${folder}, where you find it for 30 days. If you put it there yourself, move it back.`,
  ];
}

function readOnlyWords({ wholeFolders }: ProgramOutput): string[] {
  if (!wholeFolders) return [];
  const names = wholeFolders.map((name) => cleanMessage(name, 100)).join(', ');
  return [`Programs can't write to ${names}: too many settings of editors, git, or shells lie there to protect each.`];
}

/** Before it is cut, since half a secret is not recognized. Of very long output the middle is left out. */
function withoutSecrets(output: string): string {
  if (output.length <= 2 * maxScanned) return redact(output).text;
  return `${redact(output.slice(0, maxScanned)).text}\n…\n${redact(output.slice(-maxScanned)).text}`;
}

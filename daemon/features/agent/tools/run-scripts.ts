// What a call of a program runs besides the program: the files that its arguments name, the scripts of a package.json, the files by which
// build tools know what to do. Each counts by its content. What those load in turn isn't covered.
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { isInside } from '../../../base/paths.ts';
import { hashOf, hashOfBytes } from '../approvals/identity.ts';

export interface NamedScript {
  /** From the folder that is worked in, with slashes; of a package's script with its name behind `#`. */
  path: string;
  sha256: string;
}

interface ScriptSearch {
  /** A real path. */
  root: string;
  /** Where the program runs, as a real path. */
  folder: string;
  /** The program, as a path. */
  program: string;
  argv: readonly string[];
}

const maxScriptBytes = 8 * 1024 * 1024;
const maxScripts = 100;

/** In the order of their paths. */
export async function scriptsOf({ root, folder, program, argv }: ScriptSearch): Promise<NamedScript[]> {
  const [, ...args] = argv;
  const found = new Map<string, string>();
  const add = async (path: string): Promise<void> => {
    if (found.size >= maxScripts) return;
    const real = await realpath(path).catch(() => path);
    const stats = await stat(real).catch(() => undefined);
    if (!stats?.isFile()) return;
    const name = isInside(real, root) ? relative(root, real).replaceAll(sep, '/') : real;
    if (stats.size > maxScriptBytes) found.set(name, `${stats.size} ${stats.mtimeMs}`);
    else found.set(name, hashOfBytes(await readFile(real)));
  };
  if (isInside(program, root)) await add(program);
  for (const word of args) for (const path of await filesNamed(word, folder)) await add(path);
  for (const name of definitionFiles(program)) await add(join(folder, name));
  const scripts = await packageScripts(argv, folder);
  for (const { path, name, text } of scripts) {
    found.set(`${relative(root, path).replaceAll(sep, '/')}#${name}`, hashOf(text));
    for (const word of text.split(/[\s"'`;|&<>()]+/))
      for (const file of await filesNamed(word, dirname(path))) await add(file);
  }
  return [...found].map(([path, sha256]) => ({ path, sha256 })).sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Paths that an argument may stand for: itself, or the value of an option in the same word. */
export function pathsIn(word: string): string[] {
  const value = /^-{0,2}[\w.-]*=(.+)$/s.exec(word)?.[1];
  const attached = /^-[A-Za-z](.+)$/s.exec(word)?.[1];
  return [...new Set([word, value, attached])].filter((path) => path !== undefined && path !== '') as string[];
}

const endings = ['', '.js', '.mjs', '.cjs', '.ts', '.mts', '.cts', '.py', '.json', '.exe', '.cmd'];
const entries = ['package.json', 'index.js', 'index.mjs', 'index.cjs', 'index.ts', '__main__.py', '__init__.py'];

/** The files that a word may mean to an interpreter: a file, one without its ending, the beginning of a folder, a module of Python. */
async function filesNamed(word: string, folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const path of pathsIn(word)) {
    const forms = /^[A-Za-z_][\w.]*$/.test(path) ? [path, path.replaceAll('.', '/')] : [path];
    for (const form of new Set(forms)) {
      if (form.includes('\0')) continue;
      const whole = resolve(folder, form);
      const stats = await stat(whole).catch(() => undefined);
      if (stats?.isDirectory()) files.push(...entries.map((name) => join(whole, name)));
      files.push(...endings.map((ending) => whole + ending));
    }
  }
  return files;
}

/** TABLE of what build tools read first. */
const definitions: Readonly<Record<string, readonly string[]>> = {
  make: ['GNUmakefile', 'makefile', 'Makefile'],
  gmake: ['GNUmakefile', 'makefile', 'Makefile'],
  just: ['justfile', 'Justfile', '.justfile'],
  task: ['Taskfile.yml', 'Taskfile.yaml'],
  rake: ['Rakefile', 'rakefile', 'Rakefile.rb'],
  cmake: ['CMakeLists.txt'],
  ninja: ['build.ninja'],
  cargo: ['Cargo.toml', 'build.rs', '.cargo/config.toml'],
  gradle: ['build.gradle', 'build.gradle.kts', 'settings.gradle', 'settings.gradle.kts'],
  gradlew: ['build.gradle', 'build.gradle.kts', 'gradle/wrapper/gradle-wrapper.properties'],
  mvn: ['pom.xml'],
  pytest: ['conftest.py', 'pytest.ini', 'pyproject.toml', 'setup.cfg', 'tox.ini'],
  tox: ['tox.ini'],
};

function definitionFiles(program: string): readonly string[] {
  return (
    definitions[
      basename(program)
        .replace(/\.\w+$/, '')
        .toLowerCase()
    ] ?? []
  );
}

const aliases: Readonly<Record<string, string>> = { t: 'test', tst: 'test' };

export interface PackageScript {
  /** Of the package.json. */
  path: string;
  name: string;
  text: string;
}

/** The scripts that `npm run X` and its like run, with those before and after. */
export async function packageScripts(argv: readonly string[], folder: string): Promise<PackageScript[]> {
  const [program = '', ...args] = argv;
  if (!/^(?:npm|yarn|yarnpkg|pnpm|cnpm|bun)(?:\.\w+)?$/i.test(basename(program.replaceAll('\\', '/')))) return [];
  const words = args.filter((arg) => !arg.startsWith('-'));
  const [command = '', next] = words;
  const wanted = /^(?:run|run-script|rum)$/.test(command) ? next : (aliases[command] ?? command);
  const path = await packageFile(folder);
  if (wanted === undefined || path === undefined) return [];
  const names = [wanted, `pre${wanted}`, `post${wanted}`];
  try {
    const { scripts } = JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, '')) as { scripts?: unknown };
    const known = (typeof scripts === 'object' && scripts !== null ? scripts : {}) as Record<string, unknown>;
    return names.flatMap((name) => {
      const text = Object.hasOwn(known, name) ? known[name] : undefined;
      return typeof text === 'string' ? [{ path, name, text }] : [];
    });
  } catch {
    return [];
  }
}

/** The nearest at or above the folder, as npm looks for it. */
async function packageFile(folder: string): Promise<string | undefined> {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, 'package.json');
    if ((await stat(path).catch(() => undefined))?.isFile()) return path;
    if (at === dirname(at)) return undefined;
  }
}

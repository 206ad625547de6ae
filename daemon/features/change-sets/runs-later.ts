// TABLE of the files that make something run later, or that tell agents what to do: editors, git, package managers and servers read them
// by themselves. The answer of a chat may not change those that hold settings; the agent changes any of them only when the user says so,
// each time.
import { windowsName } from '../../base/paths.ts';

/** What editors, git, shells and agents read to run programs or to be allowed to: nobody expects it to change with an answer's code. */
const settings =
  /^(?:\.(?:git|vscode|vscode-insiders|idea|vs|zed|fleet|helix|nova|lapce|cursor|windsurf|roo|kiro|qwen|opencode|agents|claude|gemini|codex|aider|continue|switchyard|devcontainer|cargo|husky|githooks|svn|hg|gitmodules|gitconfig|vimrc|exrc|nvimrc|lvimrc|nvim\.lua|neoconf\.json|dir-locals\.el|envrc|direnv|mise\.toml|pre-commit-config\.ya?ml|lefthook\.ya?ml|switchyardignore|yarn|yarnrc|pnpmfile\.c?js|mcp\.json|bash_?(?:rc|profile|login|logout|aliases)|z(?:shrc|shenv|profile|login|logout)|[kct]+shrc|profile|inputrc|xprofile|xinitrc|xsession(?:rc)?|pam_environment)|(?:lefthook|overcommit)\.ya?ml|(?:mise|bunfig)\.toml|opencode\.jsonc?|.*\.(?:code-workspace|sublime-project|sublime-workspace))$/iu;

interface FileRow {
  /** The end of a sentence that begins with the file. */
  why: string;
  path: RegExp;
  /** Whether a program that is given such a path is asked about each time as well; others are often named in runs. */
  isAskedInRuns?: true;
}

const rows: readonly FileRow[] = [
  {
    why: 'is run by the servers that test and release the project',
    path: /(?:^|\/)(?:\.(?:github|gitea|forgejo)\/(?:workflows|actions)\/.+|\.gitlab-ci[^/]*\.ya?ml|\.(?:circleci|buildkite|woodpecker|teamcity|ci)\/.+|\.?(?:travis|drone|appveyor|woodpecker|cirrus)\.ya?ml|(?:azure|bitbucket)-pipelines[^/]*\.ya?ml|jenkinsfile[^/]*|action\.ya?ml)$/iu,
    isAskedInRuns: true,
  },
  {
    why: 'tells agents what to do',
    path: /(?:^|\/)(?:(?:agents|claude|gemini|qwen)(?:\.[\w-]+)?\.md|\.(?:cursor|windsurf|cline|roo|goose)(?:rules|hints)(?:\/.*)?|\.rules|\.github\/(?:copilot-instructions\.md|(?:instructions|prompts|chatmodes|agents|skills)\/.+))$/iu,
    isAskedInRuns: true,
  },
  {
    why: 'is read by programs when you log in or start them',
    path: /(?:^|\/)\.(?:config|local|ssh|gnupg|emacs(?:\.d)?|tmux\.conf|npmrc|yarnrc\.yml)(?:\/.*)?$/iu,
    isAskedInRuns: true,
  },
  {
    why: 'is part of an installed package, which other programs run',
    path: /(?:^|\/)(?:node_modules|\.?venv|site-packages|\.tox)\/|\.pth$|(?:^|\/)(?:site|user)customize\.py$/iu,
  },
  {
    why: "names packages or steps that run when it's installed or built, or as soon as an editor reads it",
    path: /(?:^|\/)(?:package\.(?:json5|ya?ml)|package-lock\.json|npm-shrinkwrap\.json|pnpm-(?:lock|workspace)\.yaml|yarn\.lock|bun\.lockb?|deno\.(?:jsonc?|lock)|pyproject\.toml|setup\.(?:py|cfg)|requirements[\w.-]*\.(?:txt|in)|pipfile(?:\.lock)?|(?:poetry|uv|cargo|composer)\.lock|gemfile(?:\.lock)?|cargo\.toml|build\.rs|go\.(?:mod|sum)|composer\.json|pom\.xml|(?:build|settings)\.gradle(?:\.kts)?|gradle-wrapper\.(?:properties|jar)|mix\.exs|pubspec\.ya?ml)$/iu,
  },
  {
    why: 'is run by the tools of editors as soon as a file is opened or saved',
    path: /(?:^|\/)(?:(?:eslint|prettier|stylelint)\.config\.[cm]?[jt]s|\.(?:eslint|prettier|stylelint)rc(?:\.\w+)?|conftest\.py)$/iu,
  },
];

/** Whether a part of a path names such settings, under any name that a file system knows it by. */
export function isSettings(part: string): boolean {
  return settings.test(usualName(part));
}

/** Some file systems take letters of other scripts for those that they look like, and Windows leaves out what ends a name. */
function usualName(part: string): string {
  return windowsName(part.normalize('NFKC'));
}

function usualPath(path: string): string {
  return path.split('/').map(usualName).join('/');
}

/**
 * Why a change of a file must be asked about each time: the end of a sentence that begins with the file. Undefined where it need not be.
 * The path has slashes; a text is undefined where there is no file.
 */
export function whyRunsLater(path: string, before: string | undefined, after: string | undefined): string | undefined {
  const name = usualPath(path);
  if (name.split('/').some(isSettings)) return 'makes an editor, git, a shell, or an agent run programs';
  const row = rows.find((each) => each.path.test(name));
  if (row) return row.why;
  return /(?:^|\/)package\.json$/iu.test(name) ? whyPackage(before, after) : undefined;
}

/** The same for a program that is given the path: it may do anything with it. */
export function whyNotNamed(path: string): string | undefined {
  const name = usualPath(path);
  if (name.split('/').some(isSettings)) return 'makes an editor, git, a shell, or an agent run programs';
  return rows.find((each) => each.isAskedInRuns && each.path.test(name))?.why;
}

/** The fields of a package.json by which nothing is run or installed. All others count, also those of tools that we don't know. */
const quietFields = new Set(
  'name version description displayName keywords author contributors maintainers license homepage bugs repository funding private files type main module browser types typings exports imports sideEffects engines os cpu browserslist categories icon'.split(
    ' ',
  ),
);

function whyPackage(before: string | undefined, after: string | undefined): string | undefined {
  const [old, now] = [fieldsOf(before), fieldsOf(after)];
  if (!old || !now) return "isn't valid JSON, so what it would run is unknown";
  const changed = [...new Set([...Object.keys(old), ...Object.keys(now)])].filter(
    (field) => !quietFields.has(field) && JSON.stringify(old[field]) !== JSON.stringify(now[field]),
  );
  return changed.length === 0 ? undefined : "names commands and packages, which run when it's installed or used";
}

/** As npm reads it. Empty where there is no file; undefined where it can't be read. */
function fieldsOf(text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

// TABLE of the programs that never go without asking: those that hide what is run, reach other machines, install, delete, or change more
// than the folder's files. Others are asked about as well, but the user may allow them once and for all. Pure.
import { basename } from 'node:path';
import { whyNotNamed } from '../../change-sets/runs-later.ts';

export interface ProgramCall {
  /** As the call names it, and where it leads. */
  names: readonly [string, string];
  args: readonly string[];
}

interface ProgramRow {
  /** The end of a sentence that begins with the program. */
  why: string;
  programs: RegExp;
  /** All calls of it where left out. */
  isMeant?(args: readonly string[]): boolean;
}

const named = (...words: string[]): RegExp => new RegExp(`^(?:${words.join(' ').trim().replace(/\s+/g, '|')})$`, 'i');

/** The first argument that is no option. */
function subcommand(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith('-')) ?? '';
}

/** Whether it is called with one of the subcommands that are free, and with no option before it but harmless ones. */
function isOther(free: RegExp, freeOptions = harmless) {
  return (args: readonly string[]): boolean => {
    const at = args.findIndex((arg) => !arg.startsWith('-'));
    const before = at < 0 ? args : args.slice(0, at);
    return before.some((arg) => !freeOptions.test(arg)) || (at >= 0 && !free.test(args[at] ?? ''));
  };
}

/** Whether an option is among the arguments, also as a letter of several: `-c`, `-Ic`, `--eval=…`. */
function hasOption(letters: string, words = /^$/) {
  return (args: readonly string[]): boolean =>
    args.some((arg) =>
      arg.startsWith('--')
        ? words.test(arg.slice(2).split('=', 1)[0] ?? '')
        : new RegExp(`^-\\w*[${letters}]`).test(arg),
    );
}

/** Modules of Python that check or test, and get the rest of the arguments. */
const checkers =
  /^(?:pytest|unittest|doctest|mypy|ruff|black|flake8|pylint|coverage|compileall|py_compile|json\.tool)$/;

const harmless = /^(?:-s|-q|-v|-h|--silent|--quiet|--version|--help|--if-present)$/;

/** An option for the package manager itself: it may name another folder, shell or Node. */
function hasForeignOption(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  return args.slice(0, end < 0 ? args.length : end).some((arg) => arg.startsWith('-') && !harmless.test(arg));
}

const rows: readonly ProgramRow[] = [
  {
    why: 'is a shell, which runs whatever its text says',
    programs: named(
      'sh bash dash zsh fish ksh mksh yash csh tcsh ash rbash nu elvish xonsh pwsh powershell cmd busybox toybox',
    ),
  },
  {
    why: 'is given code as an argument',
    programs: named('node nodejs tsx ts-node'),
    isMeant: (args) =>
      hasOption(
        'epir',
        /^(?:eval|print|interactive|import|require|loader|experimental-loader|inspect.*|env-file.*|run)$/,
      )(ownOptions(args)),
  },
  {
    why: 'is given code or a module as an argument',
    programs: named('python pypy pythonw py'),
    isMeant: (args) =>
      args[0] === '-m' ? !checkers.test(args[1] ?? '') : ownOptions(args).some((arg) => /^-[a-z]*[cim]/i.test(arg)),
  },
  {
    why: 'is given code as an argument',
    programs: named(
      'perl ruby php lua luajit rscript r julia elixir erl tclsh groovy scala swift osascript irb jshell ghci gdb lldb',
    ),
    isMeant: (args) =>
      hasOption(
        'deErRxXiB',
        /^(?:eval|print|ex|expression|execute|run|begin-code|process-code|eval-command|init-eval-command)$/,
      )(ownOptions(args)),
  },
  {
    why: 'runs code that it is given',
    programs: named(
      'awk gawk mawk nawk sed gsed vi vim nvim view ex ed emacs emacsclient nano less more man pager m4 sqlite',
    ),
  },
  { why: 'runs or installs code', programs: named('deno bun'), isMeant: isOther(/^(?:test|fmt|lint|check|doc|info)$/) },
  {
    why: 'runs another program, which it hides',
    programs: named(
      'env xargs nohup timeout nice ionice chrt taskset setsid stdbuf unbuffer time strace ltrace perf valgrind watch parallel flock script expect',
      'chroot unshare nsenter firejail bwrap proot systemd-run at batch screen tmux entr direnv mise asdf rtx npx npx-cli bunx pnpx uvx pipx',
      'ld ld-linux.* ld-musl.* ld.so ld.so.* start forfiles rundll32 regsvr32 mshta wscript cscript wmic conhost wsl xvfb-run catchsegv command exec eval',
    ),
  },
  {
    why: 'may run programs or delete files for what it finds',
    programs: named('find fd fdfind'),
    isMeant: (args) =>
      args.some((arg) => /^-{1,2}(?:exec(?:dir|-batch)?|ok(?:dir)?|delete|fprint.*|fls|x|X)(?:=|$)/.test(arg)),
  },
  {
    why: 'may run a program for each file',
    programs: named('rg ag grep'),
    isMeant: (args) => args.some((arg) => /^--(?:pre|hostname-bin|pager)(?:=|$)/.test(arg)),
  },
  {
    why: 'installs packages or runs what they bring',
    programs: named('npm npm-cli'),
    isMeant: (args) =>
      isOther(/^(?:run|run-script|rum|test|t|tst|start|stop|ls|list|ll|la|why|explain|help)$/)(args) ||
      hasForeignOption(args),
  },
  {
    why: 'installs packages or runs what they bring',
    programs: named('yarn yarnpkg pnpm cnpm'),
    isMeant: (args) => args.length === 0 || isOther(/^(?:run|test|start|list|ls|why)$/)(args) || hasForeignOption(args),
  },
  {
    why: 'installs packages or runs what they bring',
    programs: named(
      'pip uv poetry pipenv hatch rye pdm conda mamba micromamba gem bundle bundler composer luarocks cabal stack opam mix rebar3',
    ),
    isMeant: isOther(/^(?:list|show|freeze|check|tree|outdated|test|compile|format)$/),
  },
  {
    why: 'installs packages, or runs what its settings say',
    programs: named('cargo'),
    isMeant: (args) =>
      args.some((arg) => /^(?:--config|-Z)/.test(arg) || arg.startsWith('+')) ||
      isOther(/^(?:build|b|check|c|test|t|bench|run|r|clippy|fmt|doc|tree|metadata)$/)(args),
  },
  {
    why: 'installs packages, or runs what its options say',
    programs: named('go'),
    isMeant: (args) =>
      args.some((arg) => /^--?(?:exec|toolexec|vettool|overlay|modfile)(?:=|$)/.test(arg)) ||
      isOther(/^(?:build|test|vet|fmt|list|doc|version|run)$/)(args) ||
      (args[0] === 'run' && args.some((arg) => arg.includes('@'))),
  },
  {
    why: 'publishes or installs',
    programs: named('mvn mvnw gradle gradlew dotnet sbt ant'),
    isMeant: (args) =>
      args.some((arg) =>
        /(?:deploy|publish|release|upload|install|restore|tool|nuget|workload|-I$|--init-script)/i.test(arg),
      ),
  },
  {
    why: 'may be told to run something else than its file says',
    programs: named('make gmake nmake just rake task ninja cmake ctest meson bazel buck scons'),
    isMeant: (args) =>
      args.some(
        (arg) =>
          arg.includes('=') ||
          /^(?:-C|-E|-e|-I|--eval|--directory|--include-dir|-f$|-f-|--file|--makefile|--shell|-P$|-D)/.test(arg),
      ),
  },
  {
    why: 'installs programs',
    programs: named(
      'brew apt apt-get aptitude dpkg dnf yum rpm pacman apk zypper snap flatpak port nix nix-env nix-shell nix-build guix emerge winget choco scoop msiexec corepack',
      'nvm fnm volta n rustup rbenv pyenv sdk twine easy_install virtualenv husky lefthook pre-commit',
    ),
  },
  {
    why: 'reaches other machines',
    programs: named(
      'curl wget aria2c axel http https xh nc ncat netcat socat telnet ftp lftp sftp scp rsync rclone ssh ssh-copy-id ssh-add ssh-keygen mosh dig nslookup host drill ping ping6',
      'traceroute tracepath nmap tcpdump openssl lynx links w3m elinks youtube-dl yt-dlp gh glab hub tea mail mailx sendmail mutt smbclient s3cmd bitsadmin certutil xdg-open open',
      'sensible-browser browse aws gcloud gsutil az kubectl helm terraform tofu pulumi ansible ansible-playbook vagrant heroku fly flyctl vercel netlify wrangler firebase ngrok cloudflared tailscale',
      'psql mysql mariadb mongo mongosh redis-cli',
    ),
  },
  {
    why: 'deletes, overwrites, copies or unpacks files',
    programs: named(
      'rm rmdir unlink shred truncate dd mv cp ln link install tee patch tar bsdtar unzip zip 7z 7za cpio ar gunzip unrar split csplit sponge rename mkfs.* mke2fs wipefs fdisk parted del erase rd move copy xcopy robocopy touch mkfifo mknod',
    ),
  },
  {
    why: "changes the system or others' programs",
    programs: named(
      'sudo sudoedit doas su runuser pkexec chmod chown chgrp chattr setfacl setcap mount umount losetup systemctl service launchctl crontab anacron kill pkill killall xkill reboot shutdown halt poweroff init',
      'useradd usermod passwd visudo iptables nft ufw sysctl modprobe insmod docker docker-compose podman nerdctl buildah ctr crictl lxc lxd runc kubectl reg sc net netsh schtasks icacls takeown setx attrib gpg pass security',
      'secret-tool defaults dscl update-alternatives gsettings dconf export source',
    ),
  },
  {
    why: 'is an agent, or has the say over one',
    programs: named(
      'switchyard claude codex gemini aider opencode goose cursor code code-insiders codium zed subl idea llm ollama copilot amp crush qwen',
    ),
  },
  {
    why: 'changes the repository, its history or its settings, or reaches another one',
    programs: named('git'),
    isMeant: (args) =>
      isOther(
        /^(?:status|diff|log|show|blame|annotate|ls-files|ls-tree|rev-parse|rev-list|shortlog|describe|grep|cat-file|merge-base|name-rev|count-objects|add|branch|tag|remote|stash|reflog|version|help)$/,
        /^(?:-P|--no-pager|--no-optional-locks|--version|--help)$/,
      )(args) ||
      args.some((arg) =>
        /^(?:--output|--ext-diff|--textconv|-O|--open-files-in-pager|--exec|--upload-pack|--pathspec-from-file)/.test(
          arg,
        ),
      ) ||
      !isListing(args),
  },
  {
    why: 'changes the repository or reaches another one',
    programs: named('hg svn jj fossil bzr darcs p4'),
    isMeant: isOther(/^(?:status|st|log|diff|cat|annotate|blame|info|files)$/, /^$/),
  },
];

/** Of those git commands that list when they're given nothing. */
function isListing(args: readonly string[]): boolean {
  const command = subcommand(args);
  const rest = args.slice(args.indexOf(command) + 1);
  switch (command) {
    case 'branch':
      return rest.every((arg) => /^(?:-a|-r|-v|-vv|--all|--list|--show-current|--remotes)$/.test(arg));
    case 'tag':
      return rest.every((arg) => /^(?:-l|--list|-n\d*)$/.test(arg));
    case 'remote':
      return rest.every((arg) => arg === '-v');
    case 'stash':
    case 'reflog':
      return /^(?:list|show)?$/.test(rest[0] ?? (command === 'stash' ? 'push' : ''));
    default:
      return true;
  }
}

/** What an interpreter may take for itself: nothing where a script comes first, else anything, since options may have values. */
function ownOptions(args: readonly string[]): readonly string[] {
  return args[0]?.startsWith('-') ? args : [];
}

const interpreters = named('node nodejs tsx ts-node python pypy pythonw py bun deno');
const installers = named('npm npm-cli npx npx-cli yarn yarnpkg pnpm pnpx corepack pip __main__');

/** Options by which programs of all kinds are given another one to run. */
const takesProgram =
  /^-{1,2}(?:exec|execdir|exec-batch|eval|command|cmd|pre|to-command|checkpoint-action|use-compress-program|rsh|shell|script-shell|editor|pager|config-env|toolexec|globalsetup|require|compress-program|wrapper|f?plugin|load)(?:=|$)/i;

/**
 * Why a call is asked about each time: the end of a sentence that begins with the program. Undefined where the user may allow it for
 * good.
 */
export function whyDangerous({ names, args }: ProgramCall): string | undefined {
  const [given, real] = names.map(programName);
  // One program stands behind many names there, and goes by the one that it's called by.
  const known = /^(?:busybox|toybox|coreutils)$/.test(real ?? '') ? [given] : [given, real];
  for (const name of known) {
    const row = rows.find(({ programs, isMeant }) => programs.test(name ?? '') && (isMeant?.(args) ?? true));
    if (row) return row.why;
  }
  if (args.some((arg) => takesProgram.test(arg))) return 'is given another program or code to run';
  if (args.some((arg) => /^(?:[\w-]+=)?data:/i.test(arg))) return 'is given code as an argument';
  const script = args.find((arg) => !arg.startsWith('-')) ?? '';
  if (known.some((name) => interpreters.test(name ?? '')) && installers.test(programName(script)))
    return 'installs packages or runs what they bring';
  return undefined;
}

/** Why a path among the arguments is asked about each time: the end of a sentence that begins with it. It is from the folder, with slashes. */
export function whyPathDangerous(path: string): string | undefined {
  return /^(?:\.\.(?:\/|$)|\/|[a-z]:)/i.test(path) ? 'lies outside the folder' : whyNotNamed(path);
}

/** Without its folder, the ending that systems let one leave out, and its version: `python3.12`, `npm-cli.js`, `CMD.EXE`. */
function programName(path: string): string {
  const name = basename(path.replaceAll('\\', '/'))
    .normalize('NFKC')
    .replace(/[. ]+$/, '');
  return name
    .replace(/\.(?:exe|cmd|bat|com|ps1|js|mjs|cjs|py)$/i, '')
    .replace(/[-_]?\d[\d.]*$/, '')
    .toLowerCase();
}

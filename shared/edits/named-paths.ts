// Paths in the words around a code block: behind its fence, or in the line above it. Pure; whether they may be used is decided elsewhere.

/** Names that are a file's without a folder before them; what else has a dot may be a member of an object. */
const endings =
  'astro|bash|bat|c|cc|cfg|clj|cmake|cmd|conf|cpp|cs|css|csv|cts|cxx|dart|env|erl|ex|exs|fish|fs|fsx|go|gradle|graphql|h|hpp|hs|htm|html|ini|java|jl|js|json|json5|jsonc|jsx|kt|kts|less|lock|lua|m|md|mdx|mjs|ml|mm|mts|nim|nix|php|pl|proto|ps1|py|pyi|r|rb|rs|rst|sass|scala|scss|sh|sol|sql|svelte|svg|swift|tf|toml|ts|tsx|txt|vb|vue|xml|yaml|yml|zig|zsh';
const named = new RegExp(`\\.(?:${endings})$`, 'i');
const unended =
  /^(?:Dockerfile|Makefile|GNUmakefile|Rakefile|Gemfile|Procfile|Jenkinsfile|CMakeLists\.txt|\.[a-z][\w.-]*)$/;

const maxPathChars = 500;
const maxLineChars = 1000; // a longer one is no heading of a block

/** A word that is the path of a file, without what stands around it. `isNamed`: the place is one for paths, so any word in a folder is one. */
export function pathOf(word: string, isNamed = false): string | undefined {
  if (word.length > maxLineChars) return undefined;
  const path = word
    .trim()
    .replace(/^[`"'*(]+|[`"'*),.;:]+$/g, '')
    .replace(/(?::\d+(?:-\d+)?|#L\d+(?:-L?\d+)?)$/, '');
  if (path === '' || path.length > maxPathChars || path.includes('://') || /[()<>|*?{}=,;]/.test(path))
    return undefined;
  const name = path.split(/[\\/]/).at(-1) ?? '';
  const isInFolder = name !== path;
  const isFile = isInFolder
    ? isNamed || /\.[A-Za-z][\w-]{0,14}$/.test(name) || unended.test(name)
    : named.test(name) || unended.test(name);
  return isFile && (isInFolder || !/\s/.test(path)) ? path : undefined;
}

/** ```` ```ts src/a.ts ````, `ts:src/a.ts`, `src/a.ts`, or `ts title="src/a.ts"`; undefined where there are several. */
export function pathInHeader(header: string): string | undefined {
  if (header.length > maxLineChars) return undefined;
  const attribute =
    /(?:^|[\s{])(?:file|filename|filepath|path|title|name)\s*[=:]\s*(?:"([^"]+)"|'([^']+)'|([^\s}]+))/i.exec(header);
  if (attribute) return pathOf(attribute[1] ?? attribute[2] ?? attribute[3] ?? '', true);
  const words = header.split(/\s+/).flatMap((word, at) => (at === 0 ? word.replace(/^[\w+#-]+:(?=.)/, '') : word));
  return onlyOne(words, true);
}

/** A line that is a path and little else, or names exactly one in backticks, or ends in a colon and names exactly one. */
export function pathBefore(line: string): string | undefined {
  if (line.length > maxLineChars) return undefined;
  const inTicks = [...line.matchAll(/`([^`]+)`/g)].map(([, words]) => words ?? '');
  const ticked = onlyOne(inTicks);
  if (ticked !== undefined) return ticked;
  const said = line.replace(/^[\s#>*+\d.)-]*/, '').trim();
  const alone = said.replace(/^\W*(?:file(?:name|path)?|path)\W*[:：]\s*/i, '');
  const whole = pathOf(alone);
  if (whole !== undefined && !/\s/.test(whole)) return whole;
  return /[:：]\W*$/.test(said) ? onlyOne(said.split(/\s+/)) : undefined;
}

function onlyOne(words: readonly string[], isNamed = false): string | undefined {
  const paths = new Set(words.flatMap((word) => pathOf(word, isNamed) ?? []));
  return paths.size === 1 ? [...paths][0] : undefined;
}

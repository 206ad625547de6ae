// The languages whose syntax is understood, one row each: which files are of it, and which of its nodes are units of their own.
// Any other text is cut into plain windows.

export interface Language {
  /** As editors name it. */
  id: string;
  /** Endings of file names, in lower case. */
  endings: readonly string[];
  /** The grammar's file is `tree-sitter-<grammar>.wasm`. */
  grammar: string;
  /** Nodes that are a unit: functions, types and the like. */
  units: readonly string[];
  /** Nodes that hold units: classes, modules. A small one is a unit itself. */
  containers: readonly string[];
  /** Nodes around a unit that belong to it: exports, decorators. */
  wrappers?: readonly string[];
}

const script = {
  units: [
    'function_declaration',
    'generator_function_declaration',
    'method_definition',
    'lexical_declaration',
    'variable_declaration',
    'type_alias_declaration',
    'interface_declaration',
    'enum_declaration',
    'function_signature',
  ],
  containers: ['class_declaration', 'abstract_class_declaration', 'internal_module', 'module'],
  wrappers: ['export_statement', 'ambient_declaration'],
} as const;

const cFamily = {
  units: [
    'function_definition',
    'struct_specifier',
    'union_specifier',
    'enum_specifier',
    'type_definition',
    'preproc_function_def',
  ],
  containers: ['class_specifier', 'namespace_definition', 'linkage_specification'],
  wrappers: ['template_declaration'],
} as const;

export const languages: readonly Language[] = [
  { id: 'typescript', endings: ['.ts', '.mts', '.cts'], grammar: 'typescript', ...script },
  { id: 'typescriptreact', endings: ['.tsx'], grammar: 'tsx', ...script },
  { id: 'javascript', endings: ['.js', '.mjs', '.cjs', '.jsx'], grammar: 'javascript', ...script },
  {
    id: 'python',
    endings: ['.py', '.pyi'],
    grammar: 'python',
    units: ['function_definition'],
    containers: ['class_definition'],
    wrappers: ['decorated_definition'],
  },
  {
    id: 'go',
    endings: ['.go'],
    grammar: 'go',
    units: ['function_declaration', 'method_declaration', 'type_declaration'],
    containers: [],
  },
  {
    id: 'rust',
    endings: ['.rs'],
    grammar: 'rust',
    units: [
      'function_item',
      'struct_item',
      'enum_item',
      'union_item',
      'type_item',
      'macro_definition',
      'const_item',
      'static_item',
    ],
    containers: ['impl_item', 'trait_item', 'mod_item'],
  },
  {
    id: 'java',
    endings: ['.java'],
    grammar: 'java',
    units: ['method_declaration', 'constructor_declaration', 'annotation_type_declaration'],
    containers: ['class_declaration', 'interface_declaration', 'enum_declaration', 'record_declaration'],
  },
  {
    id: 'csharp',
    endings: ['.cs'],
    grammar: 'c-sharp',
    units: [
      'method_declaration',
      'constructor_declaration',
      'property_declaration',
      'delegate_declaration',
      'enum_declaration',
      'operator_declaration',
    ],
    containers: [
      'namespace_declaration',
      'class_declaration',
      'struct_declaration',
      'interface_declaration',
      'record_declaration',
    ],
  },
  { id: 'cpp', endings: ['.cpp', '.cc', '.cxx', '.hpp', '.hh', '.hxx', '.ipp'], grammar: 'cpp', ...cFamily },
  { id: 'c', endings: ['.c', '.h'], grammar: 'cpp', ...cFamily },
  {
    id: 'ruby',
    endings: ['.rb', '.rake'],
    grammar: 'ruby',
    units: ['method', 'singleton_method'],
    containers: ['class', 'module'],
  },
  {
    id: 'php',
    endings: ['.php'],
    grammar: 'php',
    units: ['function_definition', 'method_declaration', 'enum_declaration'],
    containers: ['class_declaration', 'interface_declaration', 'trait_declaration', 'namespace_definition'],
  },
  {
    id: 'shellscript',
    endings: ['.sh', '.bash', '.zsh'],
    grammar: 'bash',
    units: ['function_definition'],
    containers: [],
  },
];

/** Text files without a grammar here, by ending: they are indexed as windows. */
const plain: Readonly<Record<string, string>> = {
  '.md': 'markdown',
  '.mdx': 'markdown',
  '.rst': 'restructuredtext',
  '.txt': 'plaintext',
  '.adoc': 'asciidoc',
  '.json': 'json',
  '.jsonc': 'jsonc',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.toml': 'toml',
  '.ini': 'ini',
  '.xml': 'xml',
  '.html': 'html',
  '.css': 'css',
  '.scss': 'scss',
  '.less': 'less',
  '.vue': 'vue',
  '.svelte': 'svelte',
  '.astro': 'astro',
  '.sql': 'sql',
  '.graphql': 'graphql',
  '.proto': 'proto3',
  '.tf': 'terraform',
  '.cmake': 'cmake',
  '.gradle': 'groovy',
  '.groovy': 'groovy',
  '.kt': 'kotlin',
  '.kts': 'kotlin',
  '.swift': 'swift',
  '.scala': 'scala',
  '.m': 'objective-c',
  '.mm': 'objective-cpp',
  '.dart': 'dart',
  '.lua': 'lua',
  '.r': 'r',
  '.jl': 'julia',
  '.ex': 'elixir',
  '.exs': 'elixir',
  '.erl': 'erlang',
  '.hs': 'haskell',
  '.ml': 'ocaml',
  '.fs': 'fsharp',
  '.clj': 'clojure',
  '.el': 'emacs-lisp',
  '.zig': 'zig',
  '.nim': 'nim',
  '.pl': 'perl',
  '.ps1': 'powershell',
  '.bat': 'bat',
  '.vim': 'vim',
  '.tex': 'latex',
  '.bib': 'bibtex',
};
const plainNames: Readonly<Record<string, string>> = {
  dockerfile: 'dockerfile',
  makefile: 'makefile',
  jenkinsfile: 'groovy',
  rakefile: 'ruby',
  gemfile: 'ruby',
  'cmakelists.txt': 'cmake',
};

const byEnding = new Map(
  languages.flatMap((language) => language.endings.map((ending) => [ending, language] as const)),
);

/** The language of a file by its name, and its syntax where it is understood; undefined for files that are not indexed. */
export function languageOf(path: string): { id: string; syntax?: Language } | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const ending = name.includes('.') ? name.slice(name.lastIndexOf('.')) : '';
  const syntax = byEnding.get(ending);
  if (syntax) return { id: syntax.id, syntax };
  const id = plainNames[name] ?? plain[ending];
  return id === undefined ? undefined : { id };
}

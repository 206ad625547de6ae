// A language's name as VS Code shows it in its status bar: the first alias that an extension gives it, of several the last one's. Pure.

/** `manifests`: the package.json of every extension. */
export function languageName(id: string, manifests: readonly unknown[]): string {
  const named = manifests.flatMap(languagesOf).filter((language) => language.id === id);
  const names = named.flatMap(({ aliases }) => (Array.isArray(aliases) ? aliases.slice(0, 1) : []));
  const name = names.findLast((alias) => typeof alias === 'string' && alias !== '');
  return name ?? (id === 'plaintext' ? 'Plain Text' : id); // which is VS Code's own, and no extension's
}

function languagesOf(manifest: unknown): { id?: unknown; aliases?: unknown }[] {
  const { contributes } = (manifest ?? {}) as { contributes?: { languages?: unknown } };
  return Array.isArray(contributes?.languages) ? contributes.languages : [];
}

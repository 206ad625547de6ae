// `${key:NAME}` and `${env:NAME}` in the configuration of a server: values that need not stand there.
import { UserError } from '../../../base/errors.ts';

export interface ReferenceSources {
  /** A saved key; undefined where there is none. */
  key(name: string): Promise<string | undefined>;
  env: NodeJS.ProcessEnv;
}

const reference = /\$\{(key|env):([^}]*)\}/g;

/** Throws UserError `mcp-reference` that names what is missing. */
export async function resolved(
  values: Readonly<Record<string, string>>,
  sources: ReferenceSources,
): Promise<Record<string, string>> {
  const pairs = Object.entries(values).map(async ([name, value]) => [name, await resolve(value, sources)] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

async function resolve(value: string, sources: ReferenceSources): Promise<string> {
  const found = await Promise.all(
    [...value.matchAll(reference)].map(async ([whole, kind, name = '']) => {
      const meant = kind === 'key' ? await sources.key(name) : sources.env[name];
      if (meant !== undefined) return [whole, meant] as const;
      throw new UserError(
        'mcp-reference',
        kind === 'key'
          ? `There's no key ${name.slice(0, 100)}. Save it with \`switchyard keys set ${name.slice(0, 100)}\`.`
          : `The daemon's environment has no variable ${name.slice(0, 100)}. Set it, and restart the daemon with \`switchyard stop\`.`,
      );
    }),
  );
  return found.reduce((text, [whole, meant]) => text.replace(whole, () => meant), value);
}

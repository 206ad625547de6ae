// What the terminal says of models: one line each, under a heading for each role.
import type { HubModel, Model, Result } from '../../../shared/protocol/index.ts';
import type { ModelsEdits, ModelsSetup } from '../../../shared/protocol/models.ts';
import { readableBytes } from './terminal.ts';

type Listed = Result<typeof ModelsSetup>['gguf']['downloads'][number];
type Role = Listed['roles'][number];

/** A model stands under the first of these that it has. */
const headings: readonly [role: Role, heading: string][] = [
  ['trial', 'To try it out'],
  ['code', 'Chat and code'],
  ['vision', 'Chat with images'],
  ['chat', 'Chat'],
  ['completion', 'Code completion'],
  ['rerank', 'Ranking search results'],
];

/** Models under the headings of their roles, in the headings' order; those without a role come last. */
export function byRole<M extends { roles?: Role[] | undefined }>(
  models: readonly M[],
): [heading: string, models: M[]][] {
  const groups = new Map<string, M[]>([...headings.map(([, heading]): [string, M[]] => [heading, []]), ['Other', []]]);
  for (const model of models) {
    const [, heading = 'Other'] = headings.find(([role]) => model.roles?.includes(role)) ?? [];
    groups.get(heading)?.push(model);
  }
  return [...groups].filter(([, group]) => group.length > 0);
}

export function describeModel(model: Model): string {
  const { id, health, contextTokens, bytes, license, source } = model;
  const facts = [
    health.state,
    contextTokens ? `${contextTokens} tokens` : undefined,
    bytes ? readableBytes(bytes) : undefined,
    loadedWords(model),
    speedWords(model),
    license,
    `from ${source}`,
    health.detail,
  ];
  return `${id}  ${facts.filter((fact) => fact !== undefined).join(' · ')}`;
}

function loadedWords({ loaded, memoryBytes, keepLoaded }: Model): string | undefined {
  if (!loaded) return keepLoaded ? 'stays loaded once it is' : undefined;
  const memory = memoryBytes ? ` (${readableBytes(memoryBytes)} of memory)` : '';
  return `${keepLoaded ? 'kept loaded' : 'loaded'}${memory}`;
}

function speedWords({ speed }: Model): string | undefined {
  const reads = speed?.read === undefined ? [] : [`reads ${Math.round(speed.read)}`];
  const writes = speed?.write === undefined ? [] : [`writes ${Number(speed.write.toPrecision(2))}`];
  const words = [...reads, ...writes];
  return words.length === 0 ? undefined : `${words.join(', ')} tokens/s here`;
}

/** A model of the hub, and a line for each file of it. */
export function describeHubModel({ id, downloads, license, isGated, files }: HubModel): string[] {
  const facts = [
    downloads === undefined ? undefined : `${downloads.toLocaleString('en')} downloads`,
    license ?? 'license unknown',
    isGated ? 'needs an account on the hub' : undefined,
  ];
  const lines = files.map(({ model, quantization, bytes, parts, fits, why }) => {
    const size = `${readableBytes(bytes)}${parts > 1 ? ` in ${parts} parts` : ''}`;
    const name = quantization ? `${id}:${quantization}` : model;
    const isClear = !quantization || files.filter((file) => file.quantization === quantization).length === 1;
    return `  ${isClear ? name : model}  ${size}${fits ? '' : ` · ${why}`}`;
  });
  return [`${id}  ${facts.filter((fact) => fact !== undefined).join(' · ')}`, ...lines];
}

/** In which form a model is asked for edits, why, and what went wrong with the others. */
export function editWords({ format, why, formats }: Result<typeof ModelsEdits>): string[] {
  const name = formats.find((each) => each.format === format)?.name ?? format;
  const counted = formats.filter(({ answers }) => answers > 0);
  return [
    `Edits: asked for ${name} (${why})`,
    ...counted.map((each) => {
      const failures = [
        [each.unread, 'in another form'],
        [each.unplaced, "about code that isn't there"],
        [each.refused, 'not usable as code'],
        [each.cutOff, 'cut off'],
      ] as const;
      const words = failures.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]));
      return `  ${each.name}: ${[`${each.worked} of ${each.answers} worked`, ...words].join(', ')}`;
    }),
  ];
}

// The doctor's checks of providers. For each one that is configured or has a key: whether it is reached under a certificate that this
// machine trusts, has its key, lists models, or is left alone for now because it failed.
import type { Check } from '../../shared/protocol/daemon.ts';
import type { Server } from '../models/providers/registry.ts';
import type { ModelCondition } from '../models/resilience/health.ts';
import type { Services } from '../services.ts';

/** What a check found, and what to do about it. */
export type CheckResult = Omit<Check, 'name'>;

export type ProviderSubject = Pick<Services, 'keys' | 'registry' | 'egress' | 'resilience' | 'localOnly'>;

const limitMs = 10_000;

/** Checks all providers at once, in the order of the configuration. One that is neither configured nor has a key has no result. */
export async function examineProviders(subject: ProviderSubject): Promise<CheckResult[]> {
  const signal = AbortSignal.timeout(limitMs);
  const rows = await Promise.all(subject.registry.servers().map((server) => examineProvider(server, subject, signal)));
  return rows.flat();
}

async function examineProvider(server: Server, subject: ProviderSubject, signal: AbortSignal): Promise<CheckResult[]> {
  const { name, implicit, needsKey, local } = server;
  const hasKey = await subject.keys.has(name);
  if (implicit && !hasKey) return [];
  if (needsKey && !hasKey)
    return [
      {
        ok: false,
        detail: `${name}: no API key is saved`,
        fix: `Add one with \`switchyard keys set ${name}\` or "Switchyard: Add API Key…".`,
      },
    ];
  if (!local && subject.localOnly())
    return [{ ok: true, detail: `${name}: not contacted, because "local only" is on` }];
  const reached = await subject.egress.check(new URL(server.baseUrl), { own: { caFile: server.caFile }, signal });
  if (!reached.ok)
    return [
      {
        ok: false,
        detail: `${name}: ${reached.detail}`,
        fix:
          reached.fix ??
          `Start its server, or correct "providers.${name}.baseUrl" in config.json (now ${server.baseUrl}).`,
      },
    ];
  return [await examineModels(server, { ...subject, signal, detail: [reached.detail, keyWords(hasKey, needsKey)] })];
}

/** For a server that was reached: whether it offers models, and whether they are asked. */
async function examineModels(
  { name }: Server,
  { registry, resilience, signal, detail }: ProviderSubject & { signal: AbortSignal; detail: string[] },
): Promise<CheckResult> {
  const models = (await registry.models(signal, { refresh: true })).filter(({ provider }) => provider.name === name);
  const down = models.find(({ health }) => health.state === 'down');
  const words = [`${name}: ${detail.join(', ')}`, `${models.length} ${models.length === 1 ? 'model' : 'models'}`];
  const resting = resilience
    .health()
    .filter((condition) => condition.provider === name && condition.state !== 'closed');
  if (resting.length > 0) {
    return {
      ok: false,
      detail: [...words, ...resting.map(restWords)].join(', '),
      fix: 'Switchyard tries it again automatically. Until then, another model answers. For the errors, run "Switchyard: Show Log".',
    };
  }
  if (down)
    return {
      ok: false,
      detail: `${words.join(', ')}; ${down.health.detail ?? "it doesn't respond"}`,
      fix: `If its API key was rejected, set it again with \`switchyard keys set ${name}\`. Otherwise check the server's own log.`,
    };
  if (models.length === 0)
    return {
      ok: false,
      detail: words.join(', '),
      fix: `List its models in "providers.${name}.models" in config.json, or load one in the server.`,
    };
  return { ok: true, detail: words.join(', ') };
}

function keyWords(hasKey: boolean, needsKey: boolean): string {
  if (hasKey) return 'API key saved';
  return needsKey ? 'no API key' : 'no API key needed';
}

function restWords({ model, nextProbeAt, state }: ModelCondition): string {
  if (state === 'half-open' || nextProbeAt === undefined) return `${model} failed and is being tried again`;
  return `${model} failed and isn't asked again until ${new Date(nextProbeAt).toLocaleTimeString()}`;
}

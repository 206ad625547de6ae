// The checks of `doctor`, as a table: each row checks one thing and says what to do about it. A check that fails to run is a result
// like any other, and the others go on.
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Check } from '../../shared/protocol/daemon.ts';
import { keptWords } from '../../shared/words/checkpoint-words.ts';
import { counted } from '../../shared/words/counted.ts';
import { localModelFiles } from '../models/setup/local-files.ts';
import type { Services } from '../services.ts';
import { type CheckResult, examineProviders, type ProviderSubject } from './providers.ts';

export type DoctorSubject = Pick<
  Services,
  | 'index'
  | 'completions'
  | 'mcpServers'
  | 'checkpoints'
  | 'agent'
  | 'web'
  | 'pictures'
  | 'paths'
  | 'config'
  | 'storage'
  | 'inference'
  | 'gpu'
  | 'embedder'
  | 'keys'
  | 'registry'
  | 'egress'
  | 'requestLog'
  | 'sessions'
> &
  ProviderSubject & {
    /** The linters that a project need not bring itself, and where a PATH has them. */
    linters(path: string): readonly { name: string; file: string | undefined }[];
  };

/** Who asks. */
export interface DoctorPatient {
  /** The client's PATH, on which linters are looked for; the daemon's own where the client has not said it. */
  path?: string | undefined;
}

const minNodeVersion = 22;
const completionMs = 5000; // to list the models
const pictureMs = 10_000; // to start a process

const checks: readonly {
  name: string;
  run(subject: DoctorSubject, patient: DoctorPatient): Promise<CheckResult | CheckResult[]>;
}[] = [
  {
    name: 'Node',
    run: async () => ({
      ok: Number(process.versions.node.split('.')[0]) >= minNodeVersion,
      detail: `${process.versions.node} at ${process.execPath}`,
    }),
  },
  {
    name: 'configuration',
    async run({ config, paths }) {
      if (config.problems.length === 0) return { ok: true, detail: paths.configFile };
      return {
        ok: false,
        detail: config.problems.join('; '),
        fix: `Correct ${paths.configFile}. The rest of it applies.`,
      };
    },
  },
  {
    name: 'data folder',
    async run({ paths }) {
      const writable = await access(paths.data, constants.W_OK).then(
        () => true,
        () => false,
      );
      return writable
        ? { ok: true, detail: paths.data }
        : {
            ok: false,
            detail: `can't write to ${paths.data}`,
            fix: 'Change its permissions, or set SWITCHYARD_HOME to another folder.',
          };
    },
  },
  {
    name: 'storage',
    async run({ storage }) {
      const { ok, detail } = await storage.health();
      return {
        ok,
        detail,
        ...(!ok && { fix: "Chats can't be saved until this is fixed. Reviews still work." }),
      };
    },
  },
  {
    name: 'stored data',
    async run({ storage }) {
      const [{ recovery }, backups] = [await storage.health(), await storage.backups.list()];
      const newest = backups[0]
        ? `the newest backup is from ${new Date(backups[0].at).toISOString().slice(0, 10)}`
        : 'no backup yet';
      if (recovery === undefined) return { ok: true, detail: newest };
      return {
        ok: false,
        detail: recovery,
        fix: `Look through your chats; ${newest}. If nothing is missing, delete the folder with the damaged file.`,
      };
    },
  },
  {
    name: 'native modules',
    async run({ storage }) {
      const { natives } = await storage.health();
      return natives.map(({ name, ok, why }) => ({
        ok,
        detail: ok ? `${name} loaded` : `${name} didn't load: ${why ?? 'unknown reason'}`,
        ...(!ok && { fix: 'Reinstall Switchyard for this platform.' }),
      }));
    },
  },
  {
    name: 'code completion',
    async run({ completions }) {
      const { state, model, why } = await completions.state(undefined, AbortSignal.timeout(completionMs));
      if (state === 'on') return { ok: true, detail: `${model} completes code as you type` };
      // Nobody has to have a model for it, nor to want it.
      return { ok: model === undefined, detail: [model, why].filter(Boolean).join(': ') };
    },
  },
  {
    name: 'MCP servers',
    async run({ config, mcpServers }) {
      const names = Object.keys(config.config.mcpServers);
      if (names.length === 0) return { ok: true, detail: 'none are set up' };
      const live = await mcpServers.status();
      const failed = live.filter(({ state }) => state === 'failed').map(({ name, why }) => `${name} failed: ${why}`);
      const running = live.filter(({ state }) => state === 'running').map(({ name }) => name);
      const detail = `set up: ${names.join(', ')}; running: ${running.join(', ') || 'none'}`;
      if (failed.length === 0) return { ok: true, detail };
      const fix = 'To try one again, run `switchyard mcp approve NAME`.';
      return { ok: false, detail: [detail, ...failed].join('; '), fix };
    },
  },
  {
    name: 'checkpoints',
    run: async ({ checkpoints }) => ({
      ok: true,
      detail: `${keptWords(await checkpoints.kept())}. To delete old ones, run \`switchyard jobs prune\`.`,
    }),
  },
  {
    name: 'programs of the agent',
    run: ({ agent }) => agent.examinePrograms(),
  },
  {
    name: 'web search',
    run: ({ web }) => web.examine(),
  },
  {
    name: 'pictures',
    run: ({ pictures }) => pictures.examine(AbortSignal.timeout(pictureMs)),
  },
  {
    name: 'search',
    async run({ storage }) {
      const { documents, queued, rebuilding, model, vectors, native } = await storage.searchIndex.status();
      const waiting = queued > 0 ? [`${queued} waiting to be indexed`] : [];
      const meaning = model
        ? [
            `${vectors} searchable by meaning with ${model.name} (${documents === 0 ? 100 : Math.floor((100 * vectors) / documents)}%)`,
          ]
        : ['none searchable by meaning yet'];
      const distances = native ? [] : ["sqlite-vec isn't available, so search is slower"];
      return {
        ok: true,
        detail: [
          counted(documents, 'document'),
          ...waiting,
          ...(rebuilding ? ['being rebuilt'] : []),
          ...meaning,
          ...distances,
        ].join('; '),
      };
    },
  },
  {
    name: 'code index',
    async run({ index }) {
      if (!index.isEnabled) return { ok: true, detail: 'off, as set in config.json' };
      const leftOut = index.leftOut();
      if (leftOut.length === 0) return { ok: true, detail: 'nothing in the open folders is left out' };
      return { ok: true, detail: `left out of the open folders: ${leftOut.join('; ')}` };
    },
  },
  {
    name: 'linters',
    async run({ linters }, { path = process.env['PATH'] ?? '' }) {
      const all = linters(path);
      const found = all.flatMap(({ name, file }) => (file === undefined ? [] : [`${name} at ${file}`]));
      const missing = all.filter(({ file }) => file === undefined).map(({ name }) => name);
      const own = missing.length > 0 ? `; not on your PATH: ${missing.join(', ')}` : '';
      return {
        ok: true,
        detail: `${found.join(', ') || 'none on your PATH'}${own}. Linters of a trusted project come first.`,
      };
    },
  },
  {
    name: 'local inference',
    async run({ inference }) {
      const { ok, detail } = await inference.probe();
      return {
        ok,
        detail,
        ...(!ok && { fix: "Local GGUF models can't run here. Use Ollama or a provider with an API key." }),
      };
    },
  },
  {
    name: 'local models that see pictures',
    async run({ inference, config, paths }) {
      return await inference.examineVision(await localModelFiles(config.config.localModels, paths.models));
    },
  },
  {
    name: 'GPU',
    async run({ gpu, inference }) {
      const [{ installed, detail }, probed] = await Promise.all([gpu.status(), inference.probe()]);
      if (installed.length === 0 || probed.gpu !== undefined) return { ok: true, detail };
      return {
        ok: false,
        detail: `${detail.replace(/\.$/, '')}, but models run on the CPU.`,
        fix: "Check the GPU's driver, then restart Switchyard. To remove GPU support, run `switchyard gpu remove`.",
      };
    },
  },
  {
    name: 'embedding',
    async run({ embedder }) {
      return { ok: true, detail: await embedder.examine(AbortSignal.timeout(30_000)) };
    },
  },
  {
    name: 'keys',
    async run({ keys }) {
      const [stored, place] = [await keys.list(), await keys.masterKeyPlace()];
      const master = {
        keychain: "the master key is in the system's keychain",
        file: 'the master key is in a file that only you can read (no keychain was found)',
        none: 'a master key is created with the first API key',
      }[place];
      const detail = `${stored.length} saved; ${master}`;
      const [notice, ...others] = keys.notices;
      return notice ? { ok: false, detail, fix: [notice, ...others].join(' ') } : { ok: true, detail };
    },
  },
  {
    name: 'history',
    async run({ requestLog, paths }) {
      const { waiting, dropped } = requestLog.state;
      if (dropped === 0)
        return {
          ok: true,
          detail: `${dirname(paths.logFile)}; all requests so far are logged${waiting > 0 ? `, except ${waiting} still being written` : ''}`,
        };
      return {
        ok: false,
        detail: `${dropped} requests are missing from the log in ${dirname(paths.logFile)}, and ${waiting} are waiting`,
        fix: 'Free some space there, or check the disk. Requests still work. The log marks where lines are missing.',
      };
    },
  },
  {
    name: 'models',
    async run({ registry }) {
      const models = await registry.models(AbortSignal.timeout(10_000), { refresh: true });
      const healthy = models.filter(({ health }) => health.state === 'ok').length;
      const notes = registry.notes();
      if (models.length === 0)
        return {
          ok: false,
          detail: ['no model is set up yet', ...notes].join('; '),
          fix: 'Add an API key (`switchyard keys set openai`), start Ollama, or add a GGUF file (`switchyard models add FILE`).',
        };
      return { ok: healthy > 0, detail: [`${healthy} of ${models.length} available`, ...notes].join('; ') };
    },
  },
  { name: 'provider', run: examineProviders },
  {
    name: 'network',
    async run({ config, egress, sessions }) {
      const hosts = egress
        .hosts()
        .map(({ host, requests, refused }) => `${host} (${requests}${refused > 0 ? `, ${refused} refused` : ''})`);
      const rule = config.config.localOnly
        ? 'local only: Switchyard connects only to this machine'
        : 'Switchyard connects only to the providers you set up';
      const detail = hosts.length > 0 ? `${rule}; contacted so far: ${hosts.join(', ')}` : rule;
      const lax = sessions.all.filter(({ options }) => options.strictCertificates === false).map(({ name }) => name);
      if (lax.length === 0) return { ok: true, detail };
      return {
        ok: false,
        detail,
        fix: `${lax.join(', ')} turns certificate checks off ("http.proxyStrictSSL": false). Switchyard ignores that and always checks. For a company's root certificate, set "network.caFile" in config.json.`,
      };
    },
  },
];

/** Runs every check, all at once. */
export async function examine(subject: DoctorSubject, patient: DoctorPatient = {}): Promise<Check[]> {
  const results = await Promise.all(
    checks.map(async ({ name, run }): Promise<Check[]> => {
      try {
        return [await run(subject, patient)].flat().map((result) => ({ name, ...result }));
      } catch (error) {
        return [{ name, ok: false, detail: error instanceof Error ? error.message : String(error) }];
      }
    }),
  );
  return results.flat();
}

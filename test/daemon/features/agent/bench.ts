// The agent with a scripted model, a folder on the disk, and real storage of its chats: what its own tests and those of its tools ask.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Config } from '../../../../daemon/base/config/config.ts';
import { CancelledError } from '../../../../daemon/base/errors.ts';
import { Agent, type AgentContext, type AgentDeps, type AgentOrder } from '../../../../daemon/features/agent/agent.ts';
import { StoredApprovals } from '../../../../daemon/features/agent/approvals/approvals.ts';
import { ShownParts } from '../../../../daemon/features/agent/loop/shown-parts.ts';
import { noCheckpoints } from '../../../../daemon/features/agent/loop/surroundings.ts';
import { Sandbox } from '../../../../daemon/features/agent/sandbox/sandbox.ts';
import type { AgentTool, ToolOutcome } from '../../../../daemon/features/agent/tools/tool.ts';
import { type AgentToolsDeps, createAgentTools } from '../../../../daemon/features/agent/tools/tools.ts';
import type { ChatShapes } from '../../../../daemon/features/chat/chat.ts';
import { RunningTurns } from '../../../../daemon/features/chat/running-turns.ts';
import { type JobCaller, Jobs } from '../../../../daemon/features/jobs/jobs.ts';
import { createWeb, type Web } from '../../../../daemon/features/web/create.ts';
import { createModelGate } from '../../../../daemon/ignore/gate.ts';
import { createIgnore } from '../../../../daemon/ignore/ignore.ts';
import type { ModelInfo, ModelRequest, Provider, StreamPart } from '../../../../daemon/models/providers/provider.ts';
import type { Router } from '../../../../daemon/models/router/router.ts';
import type { SessionView } from '../../../../daemon/sessions/session-view.ts';
import { defaultProfile } from '../../../../daemon/storage/profiles.ts';
import type { AgentPart } from '../../../../shared/protocol/agent.ts';
import { sessionView } from '../../../fakes/session-view.ts';
import { openTestStorage, silentLog, testFolder } from '../../storage/open-storage.ts';
import { editGate, modelsOf, strictLog } from '../pipeline/parts.ts';
import { nodeOnPath } from './kit.ts';

/** What the model says in one turn. `hang` says nothing more until it is cancelled; a function is what is waited for. */
type Turn = readonly (string | StreamPart | Error | 'hang' | (() => Promise<unknown>))[];
type Script = readonly Turn[] | ((request: ModelRequest, turn: number) => Turn);

let calls = 0;

/** A call in the provider's own way. */
export function call(name: string, given: object = {}): StreamPart {
  return { kind: 'tool-call', id: `call_${++calls}`, name, arguments: JSON.stringify(given) };
}

/** Lives as long as a test. Answers the nth request with the nth turn, and the last one from then on. */
class ScriptedModel implements Provider {
  readonly name = 'lab';
  readonly local: boolean;
  readonly requests: ModelRequest[] = [];
  /** How many streams were begun and not yet released. */
  open = 0;
  script: Script;

  constructor(script: Script, local: boolean) {
    this.script = script;
    this.local = local;
  }
  async listModels() {
    return [];
  }
  async embed() {
    return [];
  }
  async *stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<StreamPart> {
    const turn = this.requests.push(structuredClone(request)) - 1;
    const { script } = this;
    const said =
      typeof script === 'function' ? script(request, turn) : (script[Math.min(turn, script.length - 1)] ?? []);
    this.open++;
    try {
      for (const step of said) {
        if (step instanceof Error) throw step;
        if (typeof step === 'function') {
          await step();
          continue;
        }
        if (step === 'hang') {
          const { promise, reject } = Promise.withResolvers<never>();
          const cancel = (): void => reject(new CancelledError());
          if (signal.aborted) cancel();
          signal.addEventListener('abort', cancel, { once: true });
          await promise;
        }
        yield typeof step === 'string' ? { kind: 'text', text: step } : (step as StreamPart);
        if (typeof step === 'object' && step.kind === 'finish') return;
      }
      yield { kind: 'usage', usage: { input: 100, cacheRead: 0, cacheWrite: 0, output: 10, reasoning: 0 } };
      yield { kind: 'finish', reason: said.some((part) => typeof part === 'object') ? 'tool-calls' : 'stop' };
    } finally {
      this.open--;
    }
  }
}

export interface BenchOptions {
  script: Script;
  /** Contents by path, in the folder that it works in. */
  files?: Record<string, string>;
  info?: Partial<ModelInfo>;
  /** Whether the model is on this machine. */
  isLocal?: boolean;
  tools?: readonly AgentTool[];
  config?: object;
  isTrusted?: boolean;
  /** What an editor has open. */
  document?: SessionView['document'];
  deps?: Partial<AgentDeps>;
  /** What a sub-agent works with; nothing was changed, and nothing is reviewed, where it is left out. */
  apart?: Partial<Pick<AgentToolsDeps, 'review' | 'changes' | 'webTools'>>;
}

export interface AgentBench extends Disposable {
  model: ScriptedModel;
  agent: Agent;
  jobs: Jobs<AgentContext>;
  storage: ReturnType<typeof openTestStorage<ChatShapes>>;
  root: string;
  parts: AgentPart[];
  caller(signal?: AbortSignal): JobCaller<AgentContext>;
  run(order?: Partial<AgentOrder>, signal?: AbortSignal): ReturnType<Agent['order']>;
  /** Another daemon with the same storage: nothing but that is left. */
  restart(script: Script): void;
  close(): Promise<void>;
}

const never = new AbortController().signal;

/** For tools that let nothing be reviewed. */
export const nothingApart = {
  review: { run: () => assert.fail('files were reviewed'), runDiff: () => assert.fail('changes were reviewed') },
  changes: async () => ({ files: [], notes: [] }),
  shares: () => Config.parse({}).agent.subAgents,
};

/** The tools that reach the web, without one. */
function noWeb(): Web {
  const unreachable = async (): Promise<never> => assert.fail('the web was asked');
  return createWeb({
    files: { pageReader: '' },
    config: { config: { web: {} } },
    keys: { get: async () => undefined, has: async () => false },
    requestContext: { workspace: undefined },
    egress: { fetchFor: () => unreachable, refusalFor: () => undefined },
    models: { ask: unreachable },
    log: silentLog,
  });
}

export function agentBench({
  script,
  files = {},
  info,
  isLocal = false,
  tools = [],
  config = {},
  isTrusted = true,
  document,
  deps,
  apart,
}: BenchOptions): AgentBench {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'switchyard-agent-')));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const folder = testFolder();
  const storage = openTestStorage<ChatShapes>(folder.database);
  const session = sessionView({ roots: [pathToFileURL(root).href], ...(document && { document }) });
  const parts: AgentPart[] = [];
  const { modes, agent: settings } = Config.parse(config);
  const ignore = createIgnore({ ownFolders: [folder.path] });
  const sandbox = new Sandbox({ ownFolders: [], cacheFolder: join(folder.path, 'programs') });
  const own = createAgentTools({
    ignore,
    gate: createModelGate(ignore),
    contexts: { code: async () => ({ attachments: [], notes: [] }) },
    edits: editGate,
    trusts: async () => isTrusted,
    env: nodeOnPath,
    sandbox,
    webTools: noWeb().tools,
    ...nothingApart,
    shares: () => settings.subAgents,
    ...apart,
  });
  const others = own.trusted.filter(({ name }) => !tools.some((tool) => tool.name === name));

  function daemon(model: ScriptedModel): { agent: Agent; jobs: Jobs<AgentContext> } {
    const agent = new Agent({
      models: modelsOf(routerOf(model, info)),
      storage,
      tools: { ...own, trusted: [...others, ...tools] },
      approvals: new StoredApprovals({ approvals: (profile) => storage.in(profile).approvals }),
      checkpoints: noCheckpoints,
      gate: createModelGate(ignore),
      running: new RunningTurns(),
      pictures: { take: async () => [], find: () => undefined },
      modes: () => modes,
      sandbox,
      aboutVideos: async () => "Switchyard doesn't make videos yet.",
      ...deps,
    });
    const jobs = new Jobs<AgentContext>({
      jobsOf: () => storage.jobs,
      kinds: [agent.kind],
      newId: () => crypto.randomUUID(),
      onChange() {},
      log: strictLog,
    });
    return { agent, jobs };
  }

  const model = new ScriptedModel(script, isLocal);
  const bench: AgentBench = {
    model,
    ...daemon(model),
    storage,
    root,
    parts,
    caller: (signal = never) => ({
      context: { session, trusts: async () => isTrusted, shown: new ShownParts((part) => void parts.push(part)) },
      signal,
      hasLeft: () => false,
    }),
    run: (order = {}, signal = never) =>
      bench.agent.order(
        { task: 'Do it.', modelOf: () => ({ source: 'policy' }), ...order },
        { jobs: bench.jobs, profile: defaultProfile, caller: bench.caller(signal) },
      ),
    restart(next) {
      bench.model = new ScriptedModel(next, isLocal);
      Object.assign(bench, daemon(bench.model));
    },
    async close() {
      await storage[Symbol.asyncDispose]();
      bench[Symbol.dispose]();
    },
    [Symbol.dispose]() {
      rmSync(root, { recursive: true, force: true });
      folder[Symbol.dispose]();
    },
  };
  return bench;
}

/** Knows `lab/tiny`, which calls tools, unless said otherwise. */
function routerOf(provider: Provider, info: Partial<ModelInfo> = {}): Router {
  return {
    async select({ explicit = 'lab/tiny' }) {
      return {
        decision: { model: explicit, provider: 'lab', reason: 'the only one', alternatives: [], confidence: 1 },
        candidate: {
          id: explicit,
          provider,
          info: {
            name: explicit.slice(4),
            contextTokens: 32_768,
            capabilities: { chat: true, tools: true },
            source: 'config',
            ...info,
          },
          health: { state: 'ok' },
        },
      };
    },
  };
}

/** A tool that does what a function does, and counts. */
export function toolThat(
  name: string,
  act: (given: Record<string, unknown>) => Partial<ToolOutcome> | Promise<Partial<ToolOutcome>>,
  more: { kind?: AgentTool['kind']; isDangerous?: boolean } = {},
): AgentTool & { performed: unknown[] } {
  const performed: unknown[] = [];
  const kind = more.kind ?? 'read';
  return {
    performed,
    name,
    description: `Does ${name}.`,
    parameters: { type: 'object', properties: { value: { type: 'string' } } },
    kind,
    prepare: async (given) => ({
      title: `Do ${name} ${JSON.stringify(given)}`,
      ...(kind !== 'read' && {
        approval: {
          shown: { kind, text: `Do ${name}?`, canAlways: true },
          identity: JSON.stringify([name, given]),
          ...(more.isDangerous && { isDangerous: true }),
        },
      }),
      perform: async () => {
        performed.push(given);
        const outcome = await act(given as Record<string, unknown>);
        return { ok: true, text: ['Done.'], summary: `Did ${name}.`, isMaterial: false, ...outcome };
      },
    }),
  };
}

/** Begins a run, and stops it once that is so. */
export async function stopWhen(at: AgentBench, isThere: () => boolean): Promise<void> {
  const stop = new AbortController();
  const running = at.run({}, stop.signal);
  while (!isThere()) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  await assert.rejects(running);
}

/** Resolves once so many parts of this kind are shown. */
export async function shown({ parts }: AgentBench, kind: AgentPart['kind'], count = 1): Promise<void> {
  while (parts.filter((part) => part.kind === kind).length < count)
    await new Promise((resolve) => setImmediate(resolve));
}

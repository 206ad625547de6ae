// A pipeline that writes, with a scripted model in each role: what a role answers is chosen by who is asked.

import { PipelineConfig } from '../../../../../daemon/base/config/pipeline.ts';
import type { Snippet } from '../../../../../daemon/base/snippet.ts';
import { faultsIn } from '../../../../../daemon/code-index/chunk/faults.ts';
import { Parsers } from '../../../../../daemon/code-index/chunk/parsers.ts';
import { type JobCaller, Jobs } from '../../../../../daemon/features/jobs/jobs.ts';
import {
  createWriteKind,
  type WriteContext,
  type WriteResult,
} from '../../../../../daemon/features/pipeline/write/write.ts';
import type { ModelRequest, Provider, StreamPart } from '../../../../../daemon/models/providers/provider.ts';
import type { Router } from '../../../../../daemon/models/router/router.ts';
import type { WrittenCode, WrittenLog } from '../../../../../daemon/storage/written.ts';
import { JobsInMemory } from '../../jobs/in-memory.ts';
import { editFormsWith, modelsOf, noAnalysers, openGate, type Script, strictLog } from '../parts.ts';

type RoleName = 'coder' | 'reviewer' | 'judge';
/** What each role answers: the nth time the nth script, and the last one from then on. */
export type Cast = { readonly [Role in RoleName]?: readonly Script[] };

function roleOf({ messages: [system] }: Pick<ModelRequest, 'messages'>): RoleName {
  const words = String(system?.content);
  if (words.startsWith('You judge')) return 'judge';
  return words.startsWith('You review') ? 'reviewer' : 'coder';
}

/** Lives as long as a test. */
class CastProvider implements Provider {
  readonly name = 'lab';
  readonly local = true;
  readonly asked: { role: RoleName; request: ModelRequest }[] = [];
  readonly #cast: Cast;

  constructor(cast: Cast) {
    this.#cast = cast;
  }
  async listModels() {
    return [];
  }
  async embed() {
    return [];
  }
  async *stream(request: ModelRequest): AsyncGenerator<StreamPart> {
    const role = roleOf(request);
    const before = this.asked.filter((one) => one.role === role).length;
    this.asked.push({ role, request });
    const scripts = this.#cast[role] ?? [];
    const script = scripts[Math.min(before, scripts.length - 1)] ?? [];
    for (const step of script) {
      if (step instanceof Error) throw step;
      yield typeof step === 'string' ? { kind: 'text', text: step } : (step as StreamPart);
      if (typeof step === 'object' && step.kind === 'finish') return;
    }
    yield { kind: 'finish', reason: 'stop' };
  }
}

/** Knows `lab/tiny` and `lab/strong`. */
function routerOf(provider: Provider): Router {
  return {
    async select({ explicit = 'lab/tiny' }) {
      return {
        decision: {
          model: explicit,
          provider: 'lab',
          reason: 'the only one',
          alternatives: [],
          confidence: 1,
          estimatedCost: 0.02,
        },
        candidate: {
          id: explicit,
          provider,
          info: { name: explicit.slice(4), contextTokens: 8192, capabilities: { chat: true }, source: 'config' },
          health: { state: 'ok' },
        },
      };
    },
  };
}

const parsers = new Parsers((sentence) => {
  throw new Error(sentence);
});

class WrittenInMemory implements WrittenLog {
  readonly added: WrittenCode[] = [];
  readonly #known: readonly WrittenCode[];

  constructor(known: readonly WrittenCode[]) {
    this.#known = known;
  }
  async add(code: WrittenCode) {
    this.added.push(code);
  }
  async settle() {}
  async list() {
    return [...this.added, ...this.#known];
  }
}

const never = new AbortController().signal;

export interface WriteBench {
  provider: CastProvider;
  storage: JobsInMemory;
  written: WrittenInMemory;
  jobs: Jobs<WriteContext>;
  context: WriteContext;
  write(
    snippet: Snippet,
    request?: { instruction?: string; tests?: string[][]; testsAllowed?: boolean; signal?: AbortSignal },
  ): Promise<WriteResult & { id: string }>;
}

export function writeBench(
  cast: Cast,
  config: object = {},
  storage = new JobsInMemory(),
  known: readonly WrittenCode[] = [],
): WriteBench {
  const written = new WrittenInMemory(known);
  const provider = new CastProvider(cast);
  const kind = createWriteKind({
    models: modelsOf(routerOf(provider)),
    gate: openGate,
    forms: editFormsWith(),
    config: () => PipelineConfig.parse(config),
    syntax: { faults: (request) => faultsIn(request, parsers) },
    analysers: noAnalysers,
    written: () => written,
  });
  let ids = 0;
  const jobs = new Jobs({
    jobsOf: () => storage,
    kinds: [kind],
    newId: () => `job${ids++}`,
    onChange() {},
    log: strictLog,
  });
  const context: WriteContext = { roots: [], trusts: async () => true };
  return {
    provider,
    storage,
    written,
    jobs,
    context,
    async write(snippet, { instruction = 'do it', tests = [], testsAllowed = true, signal = never } = {}) {
      const caller: JobCaller<WriteContext> = { context, signal, hasLeft: () => false };
      const { id, result } = await jobs.run(
        'p',
        { kind: 'write', title: 't', request: { instruction, snippet, tests, testsAllowed } },
        caller,
      );
      return { ...(result as WriteResult), id };
    },
  };
}

export function verdict(word: string, confidence = 0.9, conflicts: string[] = []): Script {
  return [JSON.stringify({ verdict: word, conflicts, confidence })];
}

export function code(text: string): Script {
  return [`\`\`\`js\n${text}\n\`\`\``];
}

export function objection(fields: object): Script {
  return [JSON.stringify({ findings: [{ message: 'It is wrong.', quote: '', ...fields }] })];
}

export const script = (text: string): Snippet => ({
  uri: 'file:///nowhere/sum.js',
  languageId: 'javascript',
  version: 1,
  text,
});

// What a suggestion that is kept takes in the daemon itself, from the request's parameters to its answer: the handler with the engine behind
// it, in this process, without a wire. The model is scripted, and is never asked for what is timed.
import { CompletionConfig } from '../../../daemon/base/config/completion.ts';
import type { Position } from '../../../daemon/base/snippet.ts';
import { createCompletions } from '../../../daemon/features/completion/create.ts';
import { handleInlineCompletion } from '../../../daemon/handlers/completion.ts';
import type { CodePart, Provider } from '../../../daemon/models/providers/provider.ts';
import { OpenDocuments } from '../../../daemon/sessions/open-documents.ts';
import { inlineTrigger } from '../../../shared/protocol/completion.ts';
import { sessionView } from '../../fakes/session-view.ts';

const never = new AbortController().signal;
const uri = 'file:///project/large.ts';
/** Suggested at each place, and typed from then on. */
const suggested = 'compute(first, second, third) + rest;';
const places = 70; // more than are kept

/** Milliseconds of each typed letter in a document of so many lines. */
export async function typedThroughMs(lines: number): Promise<number[]> {
  const documents = new OpenDocuments();
  const text = Array.from({ length: lines }, (_, line) => `value_${line} = `).join('\n');
  documents.open({ uri, languageId: 'typescript', version: 1, text });
  const session = {
    ...sessionView(),
    document: (of: string) => documents.get(of),
    snoozedUntil: 0,
    snippet: () => ({ uri, languageId: 'typescript', version, text: documents.get(uri)?.getText() ?? '' }),
  };
  const services = { completions: scriptedCompletions() };
  let version = 1;
  const ask = (position: Position) =>
    handleInlineCompletion({ textDocument: { uri }, position, context: { triggerKind: inlineTrigger.automatic } }, {
      session,
      services,
      profile: 'default',
      signal: never,
    } as never);
  const samples: number[] = [];
  for (let place = 0; place < places; place++) {
    const line = Math.floor((place * lines) / places);
    const position = { line, character: `value_${line} = `.length };
    await ask(position);
    for (const letter of suggested.slice(0, -1)) {
      const range = { start: { ...position }, end: { ...position } };
      documents.change(uri, ++version, [{ range, text: letter }]);
      position.character++;
      const beganMs = performance.now();
      const { items, read } = await ask(position);
      samples.push(performance.now() - beganMs);
      if (items.length !== 1 || read) throw new Error('what is typed was not kept');
    }
  }
  return samples;
}

function scriptedCompletions() {
  const provider = {
    name: 'local',
    local: true,
    listModels: async () => [{ name: 'scripted', source: 'file', capabilities: {}, completion: 'only' }],
    async *complete(): AsyncGenerator<CodePart> {
      yield { kind: 'text', text: suggested };
    },
  } as unknown as Provider;
  return createCompletions({
    registry: { provider: () => provider, models: async () => [], onReset() {} },
    gate: { refusal: async () => undefined, refuseKept: async () => {} },
    syntax: { faults: async () => undefined },
    storage: { in: () => ({ completions: { add: async () => {}, list: async () => [] }, code: {} }) as never },
    config: { config: { completion: CompletionConfig.parse({}) } },
    costs: {} as never,
    log: { debug() {} } as never,
  });
}

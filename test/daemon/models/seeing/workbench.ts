// What the tests of local models that see share: a folder with such a model, a scripted llama-server, and a host that says what it is told.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostInference } from '../../../../daemon/models/inference/client.ts';
import { readGgufHeader } from '../../../../daemon/models/inference/gguf/header.ts';
import type { InferenceChat, InferencePart, LoadedModelInfo } from '../../../../daemon/models/inference/inference.ts';
import { SeeingInference } from '../../../../daemon/models/seeing/seeing-inference.ts';
import { ServerPrograms } from '../../../../daemon/models/seeing/server-program.ts';
import { writeRandomModel } from '../../../fakes/gguf.ts';
import { writeProjector } from '../../../fakes/gguf-projector.ts';
import { png } from '../../../fakes/pictures/png.ts';
import { until } from '../../../process/home.ts';

type Behaviour = 'holds' | 'crashes' | 'old' | 'broken' | 'unloadable';

export interface ServerNote {
  pid?: number;
  given?: string[];
  key?: string;
  path?: string;
  body?: Record<string, unknown>;
  closedEarly?: boolean;
}

/** A host in whose memory are these models; it answers `text` once `freed` says that there is room. */
export class ScriptedHost {
  loaded: LoadedModelInfo[] = [];
  readonly unloaded: string[] = [];
  readonly limits: (number | undefined)[] = [];
  /** What it throws before it answers. */
  refusals: Error[] = [];

  asHost(): HostInference {
    const host: Partial<HostInference> = {
      describe: readGgufHeader,
      loaded: () => this.loaded,
      answers: () => [],
      configure: (_, memoryGb) => void this.limits.push(memoryGb),
      unload: async (path) => {
        this.unloaded.push(path);
        this.loaded = this.loaded.filter((model) => model.path !== path);
      },
      chat: () => this.#chat(),
      [Symbol.asyncDispose]: async () => {},
    };
    return host as HostInference;
  }

  async *#chat(): AsyncGenerator<InferencePart> {
    const refusal = this.refusals.shift();
    if (refusal) throw refusal;
    yield { kind: 'text', text: 'from the host' };
  }
}

export interface SeeingBench extends AsyncDisposable {
  inference: SeeingInference;
  host: ScriptedHost;
  /** A model with a projector beside it. */
  model: string;
  folder: string;
  /** What the scripted server noted so far. */
  notes(): ServerNote[];
  noted(has: (note: ServerNote) => boolean): Promise<ServerNote>;
  /** Lets a server that holds go on. */
  go(): void;
  /** How the next process behaves. */
  behave(...behaviours: Behaviour[]): void;
}

/** `program`: a real llama-server, or '' for none; a scripted one where left out. */
export function openBench({ program, idleMinutes }: { program?: string; idleMinutes?: number } = {}): SeeingBench {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-seeing-'));
  const file = (name: string): string => join(folder, name);
  const model = file('seeing.gguf');
  writeRandomModel(model, { contextTokens: 1024 });
  writeProjector(file('mmproj-seeing-f16.gguf'));
  const noteFile = file('notes');
  const behave = (...behaviours: Behaviour[]): void => writeProgram(file('llama-server'), noteFile, behaviours);
  if (program === undefined) behave();
  const host = new ScriptedHost();
  const inference = new SeeingInference({
    host: host.asHost(),
    programs: new ServerPrograms(() => program ?? file('llama-server')),
    fetch,
    ...(idleMinutes !== undefined && { idleMinutes }),
  });
  const notes = (): ServerNote[] =>
    existsSync(noteFile)
      ? readFileSync(noteFile, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as ServerNote)
      : [];
  return {
    inference,
    host,
    model,
    folder,
    notes,
    noted: (has) => until('a note of the server', () => notes().find(has)),
    go: () => writeFileSync(`${noteFile}.go`, ''),
    behave,
    async [Symbol.asyncDispose]() {
      await inference[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const script = fileURLToPath(new URL('../../../fakes/peers/llama-server.ts', import.meta.url));

function writeProgram(path: string, notes: string, behaviours: readonly Behaviour[]): void {
  const words = [process.execPath, script, notes, behaviours.join(',') || 'plain'].map((word) => `'${word}'`).join(' ');
  writeFileSync(path, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
}

/** A question about a picture of one color. */
export function askAbout(
  path: string,
  color: readonly number[] = [200, 0, 0],
  rest: Partial<InferenceChat> = {},
): InferenceChat {
  const picture = png({ width: 8, height: 8, colorType: 2, depth: 8, pixel: () => color });
  const images = [{ mediaType: 'image/png', data: picture.toString('base64') }];
  return { path, messages: [{ role: 'user', content: 'What is this?', images }], ...rest };
}

// `switchyard memories`: what is remembered in this folder's profile.
import {
  MemoriesAccept,
  MemoriesAdd,
  MemoriesDelete,
  MemoriesDismiss,
  MemoriesList,
  MemoriesUpdate,
  type Memory,
} from '../../shared/protocol/memories.ts';
import { type DaemonClient, withDaemon, workingFolder } from './kit/client.ts';
import { type ExitCode, json, readArguments, subcommandOf, UsageError } from './kit/command.ts';
import { idKinds, wholeId } from './kit/ids.ts';
import { printJson, printLine } from './kit/terminal.ts';

interface MemoryArguments {
  memoryId: string;
  text: string;
  project: boolean;
}
interface Subcommand {
  takes: readonly ('ID' | 'TEXT')[];
  /** The sentence printed when it is done. */
  done: string;
  run(client: DaemonClient, memoryArguments: MemoryArguments): Promise<object>;
}

const subcommands: Readonly<Record<string, Subcommand>> = {
  list: { takes: [], done: '', run: (client) => client.call(MemoriesList, {}) },
  add: {
    takes: ['TEXT'],
    done: 'It is remembered.',
    run: (client, { text, project }) => client.call(MemoriesAdd, { text, scope: project ? 'project' : 'profile' }),
  },
  on: {
    takes: ['ID'],
    done: 'It is used from now on.',
    run: (client, { memoryId }) => client.call(MemoriesUpdate, { memoryId, enabled: true }),
  },
  off: {
    takes: ['ID'],
    done: 'It is not used any more.',
    run: (client, { memoryId }) => client.call(MemoriesUpdate, { memoryId, enabled: false }),
  },
  edit: {
    takes: ['ID', 'TEXT'],
    done: 'It is changed.',
    run: (client, { memoryId, text }) => client.call(MemoriesUpdate, { memoryId, text }),
  },
  accept: {
    takes: ['ID'],
    done: 'It is remembered.',
    run: (client, { memoryId }) => client.call(MemoriesAccept, { memoryId }),
  },
  dismiss: {
    takes: ['ID'],
    done: 'It will not be proposed again.',
    run: (client, { memoryId }) => client.call(MemoriesDismiss, { memoryId }),
  },
  delete: {
    takes: ['ID'],
    done: 'It is forgotten.',
    run: (client, { memoryId }) => client.call(MemoriesDelete, { memoryId }),
  },
};

export const options = {
  project: { type: 'boolean', description: "with add: remembers it for this folder's project alone" },
  json,
} as const;

export async function run(args: string[]): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options);
  const [word = 'list', ...rest] = positionals;
  const subcommand = subcommandOf('memories', subcommands, word);
  const memoryArguments = memoryArgumentsOf(subcommand, rest, values.project ?? false);
  await withDaemon(
    async (client) => {
      const { memoryId: written } = memoryArguments;
      const memoryId = written === '' ? '' : await wholeId(client, idKinds.memories, written);
      const result = await subcommand.run(client, { ...memoryArguments, memoryId });
      if (values.json) printJson(result);
      else if ('memories' in result) printList(result.memories as Memory[]);
      else printLine(subcommand.done);
    },
    { root: workingFolder() },
  );
  return 0;
}

/** A text may be several arguments. */
function memoryArgumentsOf({ takes }: Subcommand, rest: readonly string[], project: boolean): MemoryArguments {
  const words = [...rest];
  const memoryId = takes.includes('ID') ? (words.shift() ?? '') : '';
  const text = takes.includes('TEXT') ? words.splice(0).join(' ') : '';
  if (takes.includes('ID') && memoryId === '')
    throw new UsageError('Say which memory: its id is in `switchyard memories`.');
  if (takes.includes('TEXT') && text === '') throw new UsageError('Say what is to be remembered.');
  if (words.length > 0) throw new UsageError(`"${words.join(' ')}" is too much here.`);
  return { memoryId, text, project };
}

function printList(memories: readonly Memory[]): void {
  for (const { id, text, state, enabled, project, uses } of memories) {
    const facts = [
      state === 'proposed' ? 'proposed' : enabled ? 'on' : 'off',
      project ? `in ${project.name ?? 'a project that is gone'}` : 'everywhere',
      ...(state === 'accepted' ? [`used ${uses} ${uses === 1 ? 'time' : 'times'}`] : []),
    ];
    printLine(`${id}  ${text}  (${facts.join(', ')})`);
  }
  if (memories.length === 0)
    printLine('Nothing is remembered yet. `switchyard memories add "TEXT"` remembers a fact for every question.');
}

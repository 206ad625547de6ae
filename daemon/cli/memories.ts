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
    done: 'Saved.',
    run: (client, { text, project }) => client.call(MemoriesAdd, { text, scope: project ? 'project' : 'profile' }),
  },
  on: {
    takes: ['ID'],
    done: 'Turned on.',
    run: (client, { memoryId }) => client.call(MemoriesUpdate, { memoryId, enabled: true }),
  },
  off: {
    takes: ['ID'],
    done: 'Turned off.',
    run: (client, { memoryId }) => client.call(MemoriesUpdate, { memoryId, enabled: false }),
  },
  edit: {
    takes: ['ID', 'TEXT'],
    done: 'Changed.',
    run: (client, { memoryId, text }) => client.call(MemoriesUpdate, { memoryId, text }),
  },
  accept: {
    takes: ['ID'],
    done: 'Saved.',
    run: (client, { memoryId }) => client.call(MemoriesAccept, { memoryId }),
  },
  dismiss: {
    takes: ['ID'],
    done: "Dismissed. It won't be suggested again.",
    run: (client, { memoryId }) => client.call(MemoriesDismiss, { memoryId }),
  },
  delete: {
    takes: ['ID'],
    done: 'Deleted.',
    run: (client, { memoryId }) => client.call(MemoriesDelete, { memoryId }),
  },
};

export const options = {
  project: { type: 'boolean', goesWith: ['add'], description: "Use the memory only in this folder's project" },
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
    throw new UsageError('Specify a memory by its ID. To list them, run `switchyard memories`.');
  if (takes.includes('TEXT') && text === '') throw new UsageError('Write the fact to remember.');
  if (words.length > 0) throw new UsageError(`Unexpected argument "${words.join(' ')}".`);
  return { memoryId, text, project };
}

function printList(memories: readonly Memory[]): void {
  for (const { id, text, state, enabled, project, uses } of memories) {
    const facts = [
      state === 'proposed' ? 'proposed' : enabled ? 'on' : 'off',
      project ? `in ${project.name ?? 'a deleted project'}` : 'everywhere',
      ...(state === 'accepted' ? [`used ${uses} ${uses === 1 ? 'time' : 'times'}`] : []),
    ];
    printLine(`${id}  ${text}  (${facts.join(', ')})`);
  }
  if (memories.length === 0)
    printLine('No memories yet. To add a fact to every question, run `switchyard memories add "TEXT"`.');
}

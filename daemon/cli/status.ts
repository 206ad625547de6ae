// `switchyard status`: what the running daemon is doing. Starts none.
import type { CompletionState } from '../../shared/protocol/completion.ts';
import { DaemonStatus } from '../../shared/protocol/daemon.ts';
import type { Result } from '../../shared/protocol/define.ts';
import { keptWords } from '../../shared/words/checkpoint-words.ts';
import { counted } from '../../shared/words/counted.ts';
import { UserError } from '../base/errors.ts';
import { withDaemon } from './kit/client.ts';
import { type ExitCode, json, readArguments } from './kit/command.ts';
import { clean, printJson, printLine, readableBytes } from './kit/terminal.ts';

export const options = { json };

export async function run(args: string[]): Promise<ExitCode> {
  const { values } = readArguments(args, options, 0);
  const status = await askStatus();
  if (values.json) printJson({ daemon: status ?? null });
  else if (!status) printLine("The daemon isn't running. Any editor or command starts it.");
  else {
    const others = status.clients.filter(({ name }) => name !== 'switchyard CLI');
    printLine(
      `Switchyard ${status.version}, process ${status.pid}, up ${elapsed(status.uptimeMs)}, ${readableBytes(status.memoryBytes)} of memory`,
    );
    printLine(`Clients: ${others.map(({ name }) => name).join(', ') || 'none'}`);
    printLine(`Running: ${status.running.join(', ') || 'nothing'}`);
    printLine(`Models in memory: ${status.models.map(inMemory).join(', ') || 'none'}`);
    printLine(
      `Hosts contacted: ${status.hosts.map(({ host, requests, refused }) => clean(`${host} (${requests}${refused > 0 ? `, ${refused} refused` : ''})`)).join(', ') || 'none'}`,
    );
    for (const server of status.mcpServers ?? []) printLine(`MCP server ${server.name}: ${serverState(server)}`);
    if (status.completion) printLine(`Code completion: ${clean(completionState(status.completion))}`);
    if (status.search) printLine(`Search: ${searchState(status.search)}`);
    if (status.history.dropped > 0)
      printLine(
        `Request log: ${counted(status.history.dropped, 'line is', 'lines are')} missing because ${status.history.dropped === 1 ? 'it' : 'they'} couldn't be written to disk`,
      );
    const { database, backups, models, logs } = status.disk;
    printLine(
      `Disk usage: database ${readableBytes(database)}, backups ${readableBytes(backups)}, models ${readableBytes(models)}, logs ${readableBytes(logs)}`,
    );
    if (status.checkpoints) printLine(`Checkpoints: ${keptWords(status.checkpoints)}`);
    printLine(`Data: ${status.dataDir}`);
    printLine(`Log: ${status.logFile}`);
    for (const notice of status.notices ?? []) printLine(notice);
  }
  return 0;
}

/** `40 s`, `12 min`, `5 h`, `3 days`. */
export function elapsed(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 1) return `${Math.floor(ms / 1000)} s`;
  if (minutes < 90) return `${Math.floor(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}

function inMemory({ id, bytes, role, slots, contextTokens }: Result<typeof DaemonStatus>['models'][number]): string {
  const facts = [
    bytes ? readableBytes(bytes) : undefined,
    role,
    slots ? `${slots} ${slots === 1 ? 'slot' : 'slots'} of ${contextTokens} tokens` : undefined,
  ].filter((fact) => fact !== undefined);
  return facts.length > 0 ? `${id} (${facts.join(', ')})` : id;
}

type ServerState = NonNullable<Result<typeof DaemonStatus>['mcpServers']>[number];

function serverState({ state, why, pid, processes = 1, memoryBytes, tools, protocol }: ServerState): string {
  if (why !== undefined) return `${state}: ${why}`;
  const facts = [
    pid === undefined ? undefined : `process ${pid}${processes > 1 ? ` and ${processes - 1} more` : ''}`,
    memoryBytes === undefined ? undefined : readableBytes(memoryBytes),
    tools === undefined ? undefined : counted(tools, 'tool'),
    protocol === undefined ? undefined : `protocol ${protocol}`,
  ].filter((fact) => fact !== undefined);
  return [state, ...facts].join(', ');
}

function completionState({ state, model, why }: CompletionState): string {
  return model === undefined ? [state, why].filter(Boolean).join('. ') : [model, why].filter(Boolean).join(': ');
}

/** How much is found by words, and how much by meaning. */
function searchState({ documents, embedded, queued }: NonNullable<Result<typeof DaemonStatus>['search']>): string {
  const waiting = queued > 0 ? `, ${queued} more waiting to be indexed` : '';
  if (documents === 0) return `nothing to find yet${waiting}`;
  const all = documents === 1 ? '1 document' : `${documents} documents`;
  return `${all} by words, ${embedded} of them (${Math.floor((100 * embedded) / documents)}%) by meaning too${waiting}`;
}

async function askStatus() {
  try {
    return await withDaemon((client) => client.call(DaemonStatus, {}), { start: false });
  } catch (error) {
    if (error instanceof UserError && error.code === 'no-daemon') return undefined;
    throw error;
  }
}

// Both ends of a transfer without a wire: the handlers on real storage, and a client that asks them.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../../../daemon/base/errors.ts';
import { withProfile } from '../../../daemon/handlers/call-profile.ts';
import { handleChatList } from '../../../daemon/handlers/chat.ts';
import { handleChatImport, handleChatTree } from '../../../daemon/handlers/transfer.ts';
import type { DaemonShapes } from '../../../daemon/services.ts';
import { SessionProfiles } from '../../../daemon/sessions/session-profiles.ts';
import { type Ask, allChats, documentOf } from '../../../daemon/transfer/exporting.ts';
import { type ImportOptions, type ImportReport, importChats } from '../../../daemon/transfer/importing.ts';
import type { AnyRequest, ParamsInput, Part, Result } from '../../../shared/protocol/define.ts';
import { ChatImport, ChatList, ChatTree, type TransferredChat } from '../../../shared/protocol/index.ts';
import { sessionView } from '../../fakes/session-view.ts';
import { openTestStorage, silentLog, type TestStorage, testFolder } from '../storage/open-storage.ts';

/** What a client can do in one profile. */
interface Desk {
  ask: Ask;
  take(path: string, options?: Partial<ImportOptions>): Promise<ImportReport>;
  /** All chats as the document. */
  document(): Promise<string>;
  chats(): Promise<TransferredChat[]>;
}

export interface Office extends AsyncDisposable {
  memory: TestStorage<DaemonShapes>;
  /** Writes a file, JSON unless it is a text, and returns its path; an empty name is the folder. */
  file(name: string, content?: unknown): string;
  desk(profile?: string): Desk;
}

export function openOffice(): Office {
  const folder = testFolder();
  const memory = openTestStorage<DaemonShapes>(folder.database);
  return {
    memory,
    file(name, content) {
      const path = join(folder.path, 'files', name);
      mkdirSync(dirname(path), { recursive: true });
      if (content !== undefined) writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
      return path;
    },
    desk: (profile) => deskOf(memory, profile),
    async [Symbol.asyncDispose]() {
      await memory[Symbol.asyncDispose]();
      folder[Symbol.dispose]();
    },
  };
}

interface Asking {
  signal?: AbortSignal;
  onPart?: (part: Part<typeof ChatImport>) => void;
}

function deskOf(memory: TestStorage<DaemonShapes>, profile: string | undefined): Desk {
  const handlers = {
    [ChatList.method]: handleChatList,
    [ChatTree.method]: handleChatTree,
    [ChatImport.method]: handleChatImport,
  };
  const request = {
    session: sessionView({ profile }),
    services: { storage: memory, sessionProfiles: new SessionProfiles({ storage: memory, log: silentLog }) },
    signal: new AbortController().signal,
    emit() {},
  };
  const ask = (async (
    message: AnyRequest,
    params: unknown,
    { signal = request.signal, onPart = request.emit }: Asking = {},
  ) => {
    const handler = handlers[message.method] as (params: unknown, call: unknown) => Promise<unknown>;
    const call = await withProfile({ ...request, signal, emit: onPart });
    return message.result.parse(await handler(message.params.parse(params), call));
  }) as Ask &
    ((
      message: typeof ChatImport,
      params: ParamsInput<typeof ChatImport>,
      options?: Asking,
    ) => Promise<Result<typeof ChatImport>>);
  const document = async (): Promise<string> => {
    let text = '';
    for await (const piece of documentOf(ask, allChats(ask), () => {})) text += piece;
    return text;
  };
  return {
    ask,
    document,
    take: (path, options = {}) =>
      importChats({
        path,
        from: 'auto',
        signal: new AbortController().signal,
        send: (params, onPart) =>
          ask(ChatImport, params, { onPart, ...(options.signal && { signal: options.signal }) }),
        isAboutChat: (error) => error instanceof UserError && error.code === 'bad-chat',
        ...options,
      }),
    chats: async () => (JSON.parse(await document()) as { chats: TransferredChat[] }).chats,
  };
}

/** A chat as a few lines: who said what, versions that are not read in brackets, deeper ones further right. */
export function outline({ messages }: Pick<TransferredChat, 'messages'>): string[] {
  const depths = new Map<string, number>();
  return messages.map(({ id, parentId, role, text, chosen }) => {
    const depth = parentId === undefined ? 0 : (depths.get(parentId) ?? 0) + 1;
    depths.set(id, depth);
    const line = `${role === 'user' ? 'Q' : 'A'} ${text}`;
    return `${'  '.repeat(depth)}${chosen === false ? `[${line}]` : line}`;
  });
}

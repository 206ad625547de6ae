// An agent of the Agent Client Protocol that translates and decides nothing: an editor's sessions are chats of ours, its prompts are runs.
import { isAbsolute } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import {
  type AgentApp,
  type AgentContext,
  agent,
  type LoadSessionRequest,
  methods,
  type NewSessionRequest,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
} from '@agentclientprotocol/sdk';
import { ChatCreate, ChatDelete, ChatList, ChatMessages, ChatPurge } from '../../../shared/protocol/chat.ts';
import { ProjectList } from '../../../shared/protocol/profiles.ts';
import { thisBuild } from '../../base/build.ts';
import { CancelledError, UserError } from '../../base/errors.ts';
import { DaemonLink, servedUntil } from '../kit/daemon-link.ts';
import { unsavedReader } from './buffers.ts';
import { abilitiesOf, type ClientAbilities, SessionClient } from './client.ts';
import type { ShownChoices } from './options.ts';
import { AcpSession, type SessionPlace } from './session.ts';

export interface AcpOptions {
  profile?: string;
}

/** Serves until the client closes stdin, or Ctrl+C, and returns the code to exit with. Nothing but the protocol is written to stdout. */
export async function serveAgent(options: AcpOptions): Promise<0 | 130> {
  console.log = console.info = console.debug = console.error;
  const server = new AcpServer(options);
  const input = Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>; // Node's type of the same thing
  const connection = server.app().connect(ndJsonStream(Writable.toWeb(process.stdout), input));
  const code = await servedUntil(connection.closed, { command: 'acp', protocol: 'Agent Client Protocol' });
  await server.leave();
  return code;
}

/** Lives as long as the connection. */
class AcpServer {
  readonly #options: AcpOptions;
  readonly #sessions = new Map<string, AcpSession>();
  /** For what concerns no session. */
  readonly #link: DaemonLink;
  #abilities: ClientAbilities = abilitiesOf(undefined);

  constructor(options: AcpOptions) {
    this.#options = options;
    this.#link = new DaemonLink(options);
  }

  app(): AgentApp {
    const { session } = methods.agent;
    return agent({ name: 'switchyard' })
      .onRequest(methods.agent.initialize, ({ params }) => {
        this.#abilities = abilitiesOf(params.clientCapabilities);
        return {
          protocolVersion: PROTOCOL_VERSION,
          agentInfo: { name: 'switchyard', title: 'Switchyard', version: thisBuild.version },
          agentCapabilities,
          authMethods: [],
        };
      })
      .onRequest(methods.agent.authenticate, () => ({}))
      .onRequest(session.new, ({ params, client }) => told(() => this.#create(params, client)))
      .onRequest(session.load, ({ params, client }) => told(() => this.#load(params, client, { isShown: true })))
      .onRequest(session.resume, ({ params: { mcpServers = [], ...params }, client }) =>
        told(() => this.#load({ ...params, mcpServers }, client, { isShown: false })),
      )
      .onRequest(session.list, ({ params: { cwd, cursor } }) => told(() => this.#list(cwd, cursor)))
      .onRequest(session.prompt, ({ params: { sessionId, prompt }, signal }) =>
        told(() => this.#session(sessionId).prompt(prompt, signal)),
      )
      .onNotification(session.cancel, ({ params: { sessionId } }) => this.#sessions.get(sessionId)?.cancel())
      .onRequest(session.setMode, ({ params: { sessionId, modeId } }) =>
        told(async () => void (await this.#session(sessionId).choose('mode', modeId))),
      )
      .onRequest(session.setConfigOption, ({ params: { sessionId, configId, value } }) =>
        told(async () => {
          const { configOptions } = await this.#session(sessionId).choose(configId, String(value));
          return { configOptions };
        }),
      )
      .onRequest(session.close, ({ params: { sessionId } }) => told(() => this.#close(sessionId)))
      .onRequest(session.delete, ({ params: { sessionId: chatId } }) =>
        told(async () => {
          this.#sessions.get(chatId)?.cancel();
          this.#sessions.delete(chatId);
          await this.#link.call(ChatDelete, { chatId }, unlimited);
        }),
      );
  }

  /** Chats in which nothing was asked are not kept. */
  async leave(): Promise<void> {
    const leaving = [...this.#sessions.keys()].map((id) => this.#close(id).catch(() => {}));
    await Promise.race([Promise.all(leaving), new Promise((resolve) => setTimeout(resolve, maxLeavingMs))]);
  }

  async #create(params: NewSessionRequest, client: AgentContext): Promise<ShownChoices & { sessionId: string }> {
    const folders = foldersOf(params);
    const { chatId } = await this.#link.call(ChatCreate, {}, { folders, ...unlimited });
    const session = this.#open({ chatId, folders, mcpServers: params.mcpServers }, client);
    return { sessionId: chatId, ...(await session.open()) };
  }

  #open(place: SessionPlace, context: AgentContext): AcpSession {
    const client = new SessionClient(context, place.chatId, this.#abilities);
    const readDocument = unsavedReader(client);
    const link = new DaemonLink({ ...this.#options, ...(readDocument && { readDocument }) });
    const session = new AcpSession(place, { link, client });
    this.#sessions.set(place.chatId, session);
    return session;
  }

  async #load(
    params: LoadSessionRequest,
    client: AgentContext,
    { isShown }: { isShown: boolean },
  ): Promise<ShownChoices> {
    const { sessionId: chatId, mcpServers } = params;
    const folders = foldersOf(params);
    const { effective } = await this.#link.call(ChatMessages, { chatId, limit: 1 }, { folders, ...unlimited });
    this.#sessions.get(chatId)?.cancel();
    const session = this.#open({ chatId, folders, mcpServers }, client);
    await session.replay({ isShown });
    return await session.open(effective.source === 'chat' ? effective.model : undefined);
  }

  /** Chats of projects whose folder is known; of the folder's project alone where one is named. */
  async #list(cwd: string | null | undefined, cursor: string | null | undefined) {
    const at = { ...(cwd && { folders: [folderUri(cwd)] }), ...unlimited };
    const { projects, current } = await this.#link.call(ProjectList, {}, at);
    if (cwd && current === undefined) return { sessions: [] };
    const page = {
      ...(cwd && current !== undefined && { projectId: current }),
      ...(cursor && { cursor }),
    };
    const { chats, next } = await this.#link.call(ChatList, page, at);
    const pathOf = new Map(projects.map(({ id, path }) => [id, path]));
    const sessions = chats.flatMap(({ id: sessionId, title, updatedAt, projectId = '', messageCount }) => {
      const path = cwd ?? pathOf.get(projectId);
      if (path === undefined || messageCount === 0) return [];
      return [{ sessionId, cwd: path, title, updatedAt: new Date(updatedAt).toISOString() }];
    });
    return { sessions, ...(next !== undefined && { nextCursor: next }) };
  }

  async #close(sessionId: string): Promise<void> {
    const session = this.#sessions.get(sessionId);
    session?.cancel();
    this.#sessions.delete(sessionId);
    if (!session || session.isUsed) return;
    await this.#link.call(ChatDelete, { chatId: sessionId }, unlimited);
    await this.#link.call(ChatPurge, { chatId: sessionId }, unlimited);
  }

  /** Throws UserError `no-such-session`. */
  #session(id: string): AcpSession {
    const session = this.#sessions.get(id);
    if (session) return session;
    throw new UserError('no-such-session', "That chat isn't open here. Load it, or begin a new one.");
  }
}

const agentCapabilities = {
  loadSession: true,
  promptCapabilities: { image: true, embeddedContext: true },
  sessionCapabilities: { list: {}, resume: {}, close: {}, delete: {}, additionalDirectories: {} },
};
const maxLeavingMs = 2000;
const unlimited = { signal: new AbortController().signal };
const notFound = new Set(['no-such-session', 'chat-not-found']);

function foldersOf({
  cwd,
  additionalDirectories = [],
}: Pick<NewSessionRequest, 'cwd' | 'additionalDirectories'>): string[] {
  return [cwd, ...additionalDirectories].map(folderUri);
}

/** Throws UserError `not-absolute`. */
function folderUri(path: string): string {
  if (!isAbsolute(path)) throw new UserError('not-absolute', `Name the folder by its whole path, not as ${path}.`);
  return pathToFileURL(path).href;
}

/** An error is a sentence for the user. */
async function told<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CancelledError) throw RequestError.requestCancelled();
    if (error instanceof RequestError) throw error;
    if (error instanceof UserError) {
      const { code, message, retryable } = error;
      throw new RequestError(notFound.has(code) ? -32_002 : -32_603, message, { code, retryable });
    }
    process.stderr.write(`switchyard: ${String(error)}\n`);
    throw new RequestError(-32_603, 'Something went wrong in Switchyard. Try again.');
  }
}

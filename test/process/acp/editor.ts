// An editor with the Agent Client Protocol's own client, and the built program as its agent. What it is asked it answers as the test says.
import type { ChildProcess } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import {
  type ClientCapabilities,
  type ClientContext,
  type ContentBlock,
  type CreateElicitationRequest,
  type CreateElicitationResponse,
  client,
  methods,
  type NewSessionResponse,
  ndJsonStream,
  PROTOCOL_VERSION,
  type PromptResponse,
  type RequestPermissionRequest,
  type RequestPermissionResponse,
  type SessionUpdate,
} from '@agentclientprotocol/sdk';
import { type Home, program } from '../home.ts';
import { Inbox } from '../lsp-client.ts';

type Answer = (request: RequestPermissionRequest) => RequestPermissionResponse | Promise<RequestPermissionResponse>;

/** Chooses the option of that kind. */
export function choosing(kind: string): Answer {
  return ({ options }) => {
    const option = options.find((each) => each.kind === kind);
    return { outcome: option ? { outcome: 'selected', optionId: option.optionId } : { outcome: 'cancelled' } };
  };
}

/** Lives as long as the program that it started. */
export class AcpEditor {
  readonly child: ChildProcess;
  readonly agent: ClientContext;
  readonly updates = new Inbox<{ sessionId: string; update: SessionUpdate }>();
  readonly permissions = new Inbox<RequestPermissionRequest>();
  readonly forms = new Inbox<CreateElicitationRequest>();
  /** Paths that it was asked for. */
  readonly read: string[] = [];
  answer: Answer = choosing('allow_once');
  fill: (form: CreateElicitationRequest) => CreateElicitationResponse | Promise<CreateElicitationResponse> = () => ({
    action: 'decline',
  });
  /** What its buffers hold, by path; it reads no other file. */
  readonly buffers = new Map<string, string>();

  constructor(home: Home, args: readonly string[] = [program, 'acp']) {
    this.child = home.spawn(args);
    this.child.stderr?.resume();
    const { stdin, stdout } = this.child;
    if (!stdin || !stdout) throw new Error('The program has no pipes.');
    const input = Readable.toWeb(stdout) as ReadableStream<Uint8Array>; // Node's type of the same thing
    const connection = client({ name: 'test editor' })
      .onRequest(methods.client.session.requestPermission, ({ params }) => {
        this.permissions.push(params);
        return this.answer(params);
      })
      .onRequest(methods.client.elicitation.create, ({ params }) => {
        this.forms.push(params);
        return this.fill(params);
      })
      .onRequest(methods.client.fs.readTextFile, ({ params: { path } }) => {
        this.read.push(path);
        const content = this.buffers.get(path);
        if (content === undefined) throw new Error('there is no such buffer');
        return { content };
      })
      .onNotification(methods.client.session.update, ({ params }) => {
        this.updates.push(params);
      })
      .connect(ndJsonStream(Writable.toWeb(stdin) as WritableStream<Uint8Array>, input));
    this.agent = connection.agent;
  }

  static async open(
    home: Home,
    clientCapabilities: ClientCapabilities = {},
    args?: readonly string[],
  ): Promise<AcpEditor> {
    const editor = new AcpEditor(home, args);
    await editor.agent.request(methods.agent.initialize, { protocolVersion: PROTOCOL_VERSION, clientCapabilities });
    return editor;
  }

  session(cwd: string): Promise<NewSessionResponse> {
    return this.agent.request(methods.agent.session.new, { cwd, mcpServers: [] });
  }

  async load(sessionId: string, cwd: string): Promise<void> {
    await this.agent.request(methods.agent.session.load, { sessionId, cwd, mcpServers: [] });
    await this.#handedOn();
  }

  async prompt(sessionId: string, ...prompt: (string | ContentBlock)[]): Promise<PromptResponse> {
    const response: PromptResponse = await this.agent.request(methods.agent.session.prompt, {
      sessionId,
      prompt: prompt.map((block) => (typeof block === 'string' ? { type: 'text', text: block } : block)),
    });
    await this.#handedOn();
    return response;
  }

  /** The protocol's client hands on what came before a response a little later than the response, where both come in one piece. */
  async #handedOn(): Promise<void> {
    await setImmediate();
  }

  cancel(sessionId: string): Promise<void> {
    return this.agent.notify(methods.agent.session.cancel, { sessionId });
  }

  /** Updates of a session of one kind, in their order. */
  of<Kind extends SessionUpdate['sessionUpdate']>(
    sessionId: string,
    kind: Kind,
  ): Extract<SessionUpdate, { sessionUpdate: Kind }>[] {
    return this.updates.items.flatMap(({ sessionId: its, update }) =>
      its === sessionId && update.sessionUpdate === kind
        ? [update as Extract<SessionUpdate, { sessionUpdate: Kind }>]
        : [],
    );
  }

  text(sessionId: string, kind: 'agent_message_chunk' | 'user_message_chunk' | 'agent_thought_chunk'): string {
    return this.of(sessionId, kind)
      .map(({ content }) => (content.type === 'text' ? content.text : ''))
      .join('');
  }

  /** Ends the program as an editor does that leaves. */
  async leave(): Promise<number | null> {
    const { promise, resolve } = Promise.withResolvers<number | null>();
    this.child.once('exit', resolve);
    this.child.stdin?.end();
    return await promise;
  }
}

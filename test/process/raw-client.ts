// A peer on the daemon's socket that says exactly the bytes it is given.
import { createConnection, type Socket } from 'node:net';
import { readToken } from '../../daemon/base/run-folder.ts';
import { FrameReader, frame } from '../../daemon/rpc/frames.ts';
import type { Hello, Welcome } from '../../daemon/rpc/hello.ts';
import { takeLine } from '../../daemon/rpc/hello.ts';
import { wireVersion } from '../../shared/protocol/version.ts';
import type { Home } from './home.ts';
import { Inbox } from './lsp-client.ts';

export interface Answer {
  id?: string | number | null;
  method?: string;
  result?: unknown;
  error?: { code: number; message: string; data?: unknown };
}

/** Lives as long as a connection. */
export class RawClient {
  readonly socket: Socket;
  readonly welcomes = new Inbox<Welcome>();
  readonly answers = new Inbox<Answer>();
  /** Resolves when the daemon, or the test, has ended the connection. */
  readonly closed: Promise<void>;

  constructor(home: Home) {
    this.socket = createConnection(home.paths.socket);
    this.socket.on('error', () => {}); // told by `closed`
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    const reader = new FrameReader();
    let greeting: Buffer | undefined = Buffer.alloc(0);
    this.socket.on('data', (chunk: Buffer) => {
      let bytes: Buffer = chunk;
      if (greeting) {
        greeting = Buffer.concat([greeting, chunk]);
        const taken = takeLine(greeting);
        if (!taken) return;
        greeting = undefined;
        this.welcomes.push(JSON.parse(taken.line) as Welcome);
        bytes = taken.rest;
      }
      for (const { body } of reader.push(bytes)) this.answers.push(JSON.parse(body.toString()) as Answer);
    });
  }

  /** Sends bytes as they are. */
  say(bytes: string | Uint8Array): this {
    this.socket.write(bytes);
    return this;
  }

  send(message: object): this {
    return this.say(frame({ jsonrpc: '2.0', ...message }));
  }

  /** The answer to a request. */
  async ask(message: { id: string | number; method: string; params?: unknown }): Promise<Answer> {
    this.send(message);
    return await this.answers.find(
      `the answer to ${message.method}`,
      ({ id, method }) => id === message.id && method === undefined,
    );
  }

  leave(): void {
    this.socket.destroy();
  }
}

/** A first line that is right but for what is given. */
export function hello(home: Home, change: Partial<Hello> = {}): string {
  return `${JSON.stringify({ token: readToken(home.paths) ?? '', wire: wireVersion, build: { version: '0.1.0', stamp: 0 }, ...change })}\n`;
}

/** A welcomed connection, not initialized. */
export function connectRaw(home: Home): RawClient {
  return new RawClient(home).say(hello(home));
}

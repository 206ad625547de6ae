// Real servers on loopback: http, https with a certificate made for the test, and a proxy that speaks CONNECT.
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Issued } from './certificates.ts';

/** Lives until it is disposed of, with all its connections. */
export interface Running extends AsyncDisposable {
  port: number;
  /** Connections accepted so far. */
  connections(): number;
}

export async function serve(answer: RequestListener, identity?: Issued): Promise<Running> {
  return run(
    identity ? createTlsServer({ cert: identity.certificate, key: identity.key }, answer) : createServer(answer),
  );
}

export interface Proxy extends Running {
  /** Targets of CONNECT, as asked for. */
  asked: { target: string; credentials: string | undefined }[];
}

/** Leads every CONNECT to this machine whatever its name, so that names of the outside world can be used; or refuses with a status. */
export async function serveProxy({
  identity,
  refuse,
  refuseWith,
}: {
  identity?: Issued;
  refuse?: (target: string) => boolean;
  refuseWith?: number;
} = {}): Promise<Proxy> {
  const asked: Proxy['asked'] = [];
  const server = identity ? createTlsServer({ cert: identity.certificate, key: identity.key }) : createServer();
  server.on('connect', (request, client: Socket, head: Buffer) => {
    const target = request.url ?? '';
    asked.push({ target, credentials: request.headers['proxy-authorization'] });
    client.on('error', () => {});
    if (refuseWith && (refuse?.(target) ?? true))
      return client.end(`HTTP/1.1 ${refuseWith} No\r\ncontent-length: 0\r\n\r\n`);
    const upstream = connect(Number(target.split(':').at(-1)), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
  });
  return Object.assign(await run(server), { asked });
}

async function run(server: Server): Promise<Running> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on('connection', (socket: Socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => accepted,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

// The check of one host for `doctor`: whether a connection can be made, who issued its certificate, and if not, what to
// do.
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { asConnectionFailure, nameOf } from './failures.ts';

export interface HostCheck {
  ok: boolean;
  detail: string;
  fix?: string;
}

export interface OpenConnection {
  socket: Socket;
  proxy?: string;
}

export async function examineHost(url: URL, open: () => Promise<OpenConnection>): Promise<HostCheck> {
  const startedAt = performance.now();
  try {
    const { socket, proxy } = await open();
    const parts = [
      `${url.host}: connected in ${Math.round(performance.now() - startedAt)} ms`,
      ...(proxy ? [`through ${proxy}`] : []),
      ...certificateFacts(socket),
    ];
    socket.destroy();
    return { ok: true, detail: parts.join(', ') };
  } catch (error) {
    const { what, fix } = asConnectionFailure(error, url.host);
    return { ok: false, detail: what, ...(fix && { fix }) };
  }
}

function certificateFacts(socket: Socket): string[] {
  if (!(socket instanceof TLSSocket)) return [];
  const certificate = socket.getPeerX509Certificate();
  return [
    socket.getProtocol() ?? 'TLS',
    ...(certificate ? [`certificate by ${nameOf(certificate.issuer)}, valid until ${certificate.validTo}`] : []),
  ];
}

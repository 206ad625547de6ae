// Run alone in a network namespace that has nothing but loopback. Tries every way off this machine that "local only" must close,
// and prints what each attempt came to, with how often the kernel was asked for a route that does not exist.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEgress } from '../../../../daemon/egress/egress.ts';

const localOnly = process.argv[2] === 'on';
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const elsewhere = ['http://192.0.2.1/', 'https://api.openai.com/v1/models', 'http://[2001:db8::1]/'];

const server = createServer((request, response) => {
  const target = elsewhere[Number(request.url?.split('/to/')[1])];
  if (target) response.writeHead(307, { location: target }).end();
  else response.end('answer');
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const here = `http://localhost:${(server.address() as AddressInfo).port}`;

const outcomes: Record<string, string> = {};
for (const [name, network] of Object.entries({ direct: {}, proxied: { proxy: 'http://192.0.2.9:3128' } })) {
  await using egress = createEgress({ localOnly: () => localOnly, log: silent, network: () => network, env: {} });
  for (const url of [`${here}/`, ...elsewhere, ...elsewhere.map((_, index) => `${here}/to/${index}`)]) {
    outcomes[`${name} ${url.replace(here, 'here')}`] = await egress.fetch(url, { method: 'POST', body: 'text' }).then(
      (response) => response.text(),
      (error: { code?: string }) => error.code ?? 'failed',
    );
  }
  outcomes[`${name} check`] = (
    await egress.check(new URL('https://api.openai.com'), { signal: AbortSignal.timeout(10_000) })
  ).ok
    ? 'open'
    : 'closed';
}
server.close();
process.stdout.write(JSON.stringify({ outcomes, attempts: attempts() }));

/** Packets, connects and look-ups that found no route. */
function attempts(): number {
  const [names = '', values = ''] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Ip:'));
  const version4 = Number(values.split(' ')[names.split(' ').indexOf('OutNoRoutes')]);
  const version6 = Number(/^Ip6OutNoRoutes\s+(\d+)/m.exec(readFileSync('/proc/net/snmp6', 'utf8'))?.[1] ?? 0);
  return version4 + version6;
}

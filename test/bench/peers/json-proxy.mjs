// The least that can stand between a client and a model server: reads the request's JSON, asks the server, passes the bytes back.
// Usage: json-proxy.mjs UPSTREAM_ORIGIN; prints its own origin.
import { Agent, createServer, request } from 'node:http';

const upstream = new URL(process.argv[2]);
const agent = new Agent({ keepAlive: true });

const server = createServer(async (incoming, outgoing) => {
  const chunks = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const body = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()));
  const { connection, host, ...headers } = incoming.headers;
  const asked = request(new URL(incoming.url, upstream), {
    agent,
    method: incoming.method,
    headers: { ...headers, 'content-length': Buffer.byteLength(body) },
  });
  asked.once('response', (response) => {
    outgoing.writeHead(response.statusCode, response.headers);
    response.pipe(outgoing);
  });
  asked.end(body);
});

server.listen(0, '127.0.0.1', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`));

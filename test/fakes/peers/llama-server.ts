// A scripted llama-server: its options, what it writes to the terminal, and chat completions as the real one streams them. It notes
// what it was given and asked in a file, a line of JSON each. Behaviours are words of the first parameter.
import { appendFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [notes = '', behaviours = '', ...given] = process.argv.slice(2);
const does = (behaviour: string): boolean => behaviours.split(',').includes(behaviour);
const note = (what: object): void => appendFileSync(notes, `${JSON.stringify(what)}\n`);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

if (given[0] === '--version') {
  process.stderr.write('version: 9999 (abcdef)\nbuilt with cc for tests\n');
  process.exit(does('broken') ? 1 : 0);
}
if (given[0] === '--help') {
  if (!does('old')) process.stdout.write('-mm,   --mmproj FILE   path to a multimodal projector file\n');
  process.stdout.write(
    '--webui, --no-webui     whether to enable the Web UI\n--mmap, --no-mmap   whether to memory-map model\n',
  );
  process.exit(0);
}
note({ pid: process.pid, given, key: process.env['LLAMA_API_KEY'] });
if (does('unloadable')) {
  process.stderr.write('0.01 E clip_init: failed to load model: mismatch between text model and mmproj\n');
  process.exit(1);
}

const server = createServer(async (request, response) => {
  if (request.url === '/health') return void response.end('{"status":"ok"}');
  if (request.headers.authorization !== `Bearer ${process.env['LLAMA_API_KEY']}`) {
    response.writeHead(401, { 'content-type': 'application/json' });
    return void response.end('{"error":{"message":"Invalid API Key","type":"authentication_error","code":401}}');
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  note({ path: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) as unknown });
  response.on('close', () => !response.writableFinished && note({ closedEarly: true }));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const content of ['A ', 'cat', '.']) {
    response.write(event({ choices: [{ finish_reason: null, index: 0, delta: { content } }] }));
    while (does('holds') && !existsSync(`${notes}.go`)) await sleep(10);
    if (does('crashes')) process.kill(process.pid, 'SIGKILL');
  }
  response.write(event({ choices: [{ finish_reason: 'stop', index: 0, delta: {} }] }));
  const usage = {
    completion_tokens: 3,
    prompt_tokens: 26,
    total_tokens: 29,
    prompt_tokens_details: { cached_tokens: 0 },
  };
  response.write(event({ choices: [], usage }));
  response.end('data: [DONE]\n\n');
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stderr.write(`0.70 I srv  llama_server: listening on http://127.0.0.1:${port}\n`);
});

function event(data: object): string {
  return `data: ${JSON.stringify({ ...data, object: 'chat.completion.chunk', model: 'seeing.gguf' })}\n\n`;
}

// The scripted model server in a process of its own, so that it takes no turn from the clients that are measured.
// Usage: model-server.ts PIECES; prints its base URL.
import { startOpenAiServer } from '../../fakes/provider-servers/openai.ts';

const pieces = Number(process.argv[2]);
const text = Array.from({ length: pieces }, (_, index) => ` word${index}`);
const server = await startOpenAiServer({ reply: { text, usage: { input: 20, output: pieces } } });
process.stdout.write(`${server.url}\n`);

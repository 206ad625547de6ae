// The lightest client that can tell when an answer began and that it came whole: Node's own HTTP, kept connections, no JSON read.
import { Agent, request } from 'node:http';

export interface Target {
  url: string;
  headers: Record<string, string>;
  /** What it calls the scripted model; `scripted` when left out. */
  model?: string;
}

/** Milliseconds from the request to its first text, and to its end. */
export interface Times {
  firstMs: number;
  totalMs: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });
const firstText = /"content":\s*"[^"]/;
const wholeAnswer = /"finish_reason":\s*"stop"/;

/** Rejects when anything but a whole answer comes. */
export function streamChat({ url, headers, model = 'scripted' }: Target, question: string): Promise<Times> {
  const body = JSON.stringify({
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [{ role: 'user', content: question }],
  });
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(url, {
      agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers },
    });
    asked.once('error', reject);
    asked.once('response', (response) => {
      let text = '';
      let firstMs: number | undefined;
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (firstMs === undefined && firstText.test(text)) firstMs = performance.now() - startedAt;
      });
      response.once('error', reject);
      response.once('end', () => {
        if (response.statusCode === 200 && firstMs !== undefined && wholeAnswer.test(text))
          resolve({ firstMs, totalMs: performance.now() - startedAt });
        else reject(new Error(`${url} answered ${response.statusCode}: ${text.slice(0, 300)}`));
      });
    });
    asked.end(body);
  });
}

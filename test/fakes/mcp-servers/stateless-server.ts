// A server of the protocol's stateless generation, as the SDK makes one.
import { Server } from '@modelcontextprotocol/server';

export function createStatelessServer(): Server {
  const server = new Server({ name: 'stateless', version: '1' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', async () => ({
    tools: [{ name: 'echo', description: 'Says it again.', inputSchema: { type: 'object' } }],
  }));
  server.setRequestHandler('tools/call', async ({ params }) => ({
    content: [{ type: 'text', text: JSON.stringify(params.arguments) }],
  }));
  return server;
}

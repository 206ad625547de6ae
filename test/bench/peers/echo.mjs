// The least that can answer JSON-RPC on stdio with vscode-jsonrpc: every request is answered with its own params.
// `initialize` says who answered, as the daemon does.
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';

const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
connection.onRequest('initialize', () => ({ capabilities: { experimental: { switchyard: { pid: process.pid } } } }));
connection.onRequest((_method, params) => params);
connection.listen();

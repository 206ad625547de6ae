// The least that an agent of the Agent Client Protocol does, with the protocol's own package: it asks for permission to make one edit, or
// says one word and waits to be stopped. What the prompt says decides.
import { Readable, Writable } from 'node:stream';
import { agent, methods, ndJsonStream, PROTOCOL_VERSION } from '@agentclientprotocol/sdk';

const { session } = methods.agent;
const { update: sessionUpdate, requestPermission } = methods.client.session;
const stops = new Map();
const path = '/answer.ts';
const diff = { type: 'diff', path, oldText: 'export const answer = 42;\n', newText: 'export const answer = 43;\n' };
const options = [
  { kind: 'allow_once', optionId: 'once', name: 'Allow once' },
  { kind: 'reject_once', optionId: 'deny', name: 'Deny' },
];

async function edit(sessionId, client) {
  const toolCall = {
    toolCallId: '1',
    title: 'Change answer.ts',
    kind: 'edit',
    status: 'pending',
    locations: [{ path }],
  };
  await client.notify(sessionUpdate, { sessionId, update: { sessionUpdate: 'tool_call', ...toolCall } });
  await client.request(requestPermission, { sessionId, toolCall: { ...toolCall, content: [diff] }, options });
  const done = { sessionUpdate: 'tool_call_update', toolCallId: '1', status: 'completed', content: [diff] };
  await client.notify(sessionUpdate, { sessionId, update: done });
  return { stopReason: 'end_turn' };
}

async function talk(sessionId, client) {
  const { promise, resolve } = Promise.withResolvers();
  stops.set(sessionId, () => resolve({ stopReason: 'cancelled' }));
  const word = { sessionUpdate: 'agent_message_chunk', content: { type: 'text', text: 'one' } };
  await client.notify(sessionUpdate, { sessionId, update: word });
  return await promise;
}

let count = 0;
agent({ name: 'bare' })
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: PROTOCOL_VERSION,
    agentCapabilities: {},
    authMethods: [],
  }))
  .onRequest(session.new, () => ({ sessionId: String(++count) }))
  .onRequest(session.prompt, ({ params: { sessionId, prompt }, client }) =>
    (prompt[0]?.text === 'edit' ? edit : talk)(sessionId, client),
  )
  .onNotification(session.cancel, ({ params: { sessionId } }) => stops.get(sessionId)?.())
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));

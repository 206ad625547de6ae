// Files of other programs, as small as they can be in their format.
import type { Office } from './desk.ts';

/** A conversation of ChatGPT's export. */
export function conversation(
  id: string,
  current: string | undefined,
  nodes: readonly [string, object][],
  more: object = {},
): object {
  return {
    title: `Title of ${id}`,
    create_time: 1_700_000_000.5,
    update_time: 1_700_000_600,
    mapping: Object.fromEntries(nodes),
    ...(current && { current_node: current }),
    conversation_id: id,
    ...more,
  };
}

/** A node of its tree; one without a role has no message. */
export function node(
  id: string,
  { parent, role, children = [] }: { parent?: string; role?: string; children?: readonly string[] },
  content: object = {},
  message: object = {},
): [string, object] {
  const said = {
    id,
    author: { role },
    create_time: 1_700_000_006,
    content: { content_type: 'text', parts: [''], ...content },
    recipient: 'all',
    metadata: role === 'assistant' ? { model_slug: 'gpt-4o' } : {},
    ...message,
  };
  return [id, { id, message: role === undefined ? null : said, parent: parent ?? null, children }];
}

/** A session of Continue. */
export function session(sessionId: string, history: readonly object[]): object {
  return { sessionId, title: `Session ${sessionId}`, workspaceDirectory: 'file:///w', history };
}

/** A folder of Cline's for one task. */
export function task(office: Office, folder: string, files: Readonly<Record<string, unknown>>): void {
  for (const [name, content] of Object.entries(files)) office.file(`${folder}/${name}`, content);
}

const deep = 200_000;

/** What is wrong with a conversation, the conversation, and how that is told. */
export const broken: readonly [what: string, chat: object | string, why: RegExp][] = [
  [
    'a circle in its tree',
    conversation('x', 'a', [
      node('a', { parent: 'b', role: 'user', children: ['b'] }, { parts: ['1'] }),
      node('b', { parent: 'a', role: 'user', children: ['a'] }, { parts: ['2'] }),
    ]),
    /form a loop/,
  ],
  [
    'a message that follows itself',
    conversation('x', 'a', [node('a', { parent: 'a', role: 'user', children: ['a'] }, { parts: ['1'] })]),
    /form a loop/,
  ],
  ['a list for a tree', conversation('x', undefined, [], { mapping: [1, 2] }), /no message tree/],
  ['no tree', { title: 7, conversation_id: 'x' }, /no message tree/],
  ['no id', conversation('', 'q', [node('q', { role: 'user' }, { parts: ['1'] })]), /no ID/],
  [
    'texts of wrong types',
    conversation('x', 'q', [node('q', { role: 'user' }, { parts: [7, null, ['1'], { text: 8 }] })]),
    /no messages/,
  ],
  ['nothing in it', conversation('x', undefined, []), /no messages/],
  ['names of prototypes', `{"__proto__":{"mapping":{}},"constructor":{},"conversation_id":"x"}`, /no message tree/],
  ['a number in its place', '7', /no message tree/],
  ['no JSON in its place', '{"mapping":oops}', /isn't valid JSON/],
  [
    'too many levels',
    `${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}`,
    /no message tree|too deeply nested|isn't valid JSON/,
  ],
];

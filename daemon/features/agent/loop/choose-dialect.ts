// Which dialect a model is asked in: by what it is known to do, by a one-time probe where that isn't known, and by how its turns ended.
import type { Attempt } from '../../../models/ask.ts';
import type { EditAnswerLog, FormatTally } from '../../../storage/written.ts';
import type { DialectName } from './turn.ts';

/** How turns ended is counted with how edits ended, under names of its own. */
export type DialectLog = EditAnswerLog;

const minTurns = 4; // before one that fails is left

function tallyName(dialect: DialectName): string {
  return `call:${dialect}`;
}

/** Where storage fails nothing is known, and the work goes on. */
export async function chooseDialect(attempt: Attempt, log: DialectLog): Promise<DialectName> {
  const { tools, jsonSchema } = attempt.info.capabilities;
  const tallies = await log.tallies(attempt.id).catch((): FormatTally[] => []);
  const isKnown = tools !== undefined || tallies.some(({ format }) => format === tallyName('native'));
  if (!isKnown) {
    const end = (await callsTools(attempt)) ? 'worked' : 'unread';
    await countTurn(log, { model: attempt.id, dialect: 'native', end });
    tallies.push({ format: tallyName('native'), ends: { [end]: 1 } });
  }
  const takesTools = tools ?? countOf(tallies, 'native').worked > 0;
  const possible: DialectName[] = [
    ...(takesTools ? (['native'] as const) : []),
    ...(jsonSchema ? (['json'] as const) : []),
    'fenced',
  ];
  const works = possible.find((name) => {
    const { worked, failed } = countOf(tallies, name);
    return worked + failed < minTurns || worked >= failed;
  });
  return works ?? possible[0] ?? 'fenced';
}

export async function countTurn(
  log: DialectLog,
  { model, dialect, end }: { model: string; dialect: DialectName; end: 'worked' | 'unread' },
): Promise<void> {
  await log.add({ model, format: tallyName(dialect), end }).catch(() => {}); // what is learned of it is less than the run
}

function countOf(tallies: readonly FormatTally[], dialect: DialectName): { worked: number; failed: number } {
  const ends = tallies.find(({ format }) => format === tallyName(dialect))?.ends ?? {};
  return { worked: ends.worked ?? 0, failed: ends.unread ?? 0 };
}

const probe = {
  messages: [{ role: 'user' as const, content: 'Call the tool ready.' }],
  tools: [
    { name: 'ready', description: 'Says that you can call tools.', parameters: { type: 'object', properties: {} } },
  ],
  mustCallTool: true,
  maxOutputTokens: 200,
  temperature: 0,
};

/** Whether it calls a tool when it is told to. A refusal of the server says no; any other failure is the turn's own. */
async function callsTools(attempt: Attempt): Promise<boolean> {
  let hasCalled = false;
  try {
    for await (const part of attempt.stream(probe)) if (part.kind === 'tool-call') hasCalled = part.name === 'ready';
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'bad-request') throw error;
  }
  return hasCalled;
}

// What a rebuilt database makes of profiles and of versions: nothing moves into another profile, and every chat can be read as one branch.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { StoredChat } from '../../../../../daemon/storage/chats.ts';
import type { StoredMessage } from '../../../../../daemon/storage/messages.ts';
import type { StoredProfile } from '../../../../../daemon/storage/profiles.ts';
import { SqliteEngine } from '../../../../../daemon/storage/sqlite/engine.ts';
import { openDatabase } from '../../../../../daemon/storage/sqlite/native.ts';
import { mendReferences, treeProblems } from '../../../../../daemon/storage/sqlite/safety/references.ts';
import { verifyFile } from '../../../../../daemon/storage/sqlite/safety/verify.ts';
import { folderInMemory } from '../../open-storage.ts';
import { type Call, callsOf } from './filled.ts';

interface Filled {
  work: string;
  chats: Record<'default' | 'work', string>;
  messages: string[];
}

/** A chat in each of two profiles; that of `work` has two questions, whose first answer was made three times. */
function fill(file: string): Filled {
  const storage = new SqliteEngine(file);
  const { id: work } = callsOf(storage, '')<StoredProfile>('profiles', 'create', { name: 'Work' });
  const call = callsOf(storage, work);
  const chats = {
    default: callsOf(storage)<StoredChat>('chats', 'createChat', { title: 'home' }).id,
    work: call<StoredChat>('chats', 'createChat', { title: 'work' }).id,
  };
  callsOf(storage)('chats', 'addUserMessage', chats.default, { text: 'at home' });
  const messages = [call<StoredMessage>('chats', 'addUserMessage', chats.work, { text: 'question' }).id];
  for (let version = 1; version <= 3; version++) {
    const retryOf = version === 1 ? undefined : messages.at(-1);
    const { id } = call<StoredMessage>('chats', 'startAnswer', chats.work, { ...(retryOf && { retryOf }) });
    call('chats', 'finishAnswer', id, { status: 'complete' });
    messages.push(id);
  }
  messages.push(call<StoredMessage>('chats', 'addUserMessage', chats.work, { text: 'and then?' }).id);
  storage.close();
  return { work, chats, messages };
}

/** Changes rows behind the storage's back, and opens it. */
function afterwards(file: string, sql: string, look: (call: (profile: string) => Call) => void): string[] {
  const database = openDatabase(file);
  database.pragma('foreign_keys = off');
  database.exec(sql);
  database.close();
  const notices: string[] = [];
  const storage = new SqliteEngine(file, { onNotice: (notice) => notices.push(notice) });
  look((profile) => callsOf(storage, profile));
  storage.close();
  assert.deepEqual(verifyFile(file).problems, []);
  return notices;
}

function read(call: Call, chat: string): string[] {
  return call<{ items: StoredMessage[] }>('chats', 'messages', chat, {}).items.map(
    ({ id, version, versions }) => `${id} ${version}/${versions}`,
  );
}

describe('a rebuilt database of several profiles', () => {
  it('gives a profile whose name is lost another, with all that is in it', () => {
    using folder = folderInMemory();
    const { work, chats } = fill(folder.database);
    const notices = afterwards(folder.database, "delete from profile where name = 'Work'", (call) => {
      assert.equal(call(work)<StoredChat>('chats', 'chat', chats.work).title, 'work');
      assert.throws(() => call('default')('chats', 'chat', chats.work), { code: 'chat-not-found' });
      assert.deepEqual(
        call('')<StoredProfile[]>('profiles', 'list').map(({ name }) => name),
        ['default', 'recovered'],
      );
    });
    assert.equal(notices.length, 1);
  });

  it('knows a profile whose id changed in one letter', () => {
    using folder = folderInMemory();
    const { work, chats } = fill(folder.database);
    afterwards(
      folder.database,
      `update chat set profile_id = '!' || substr(profile_id, 2) where id = '${chats.work}'`,
      (call) => {
        assert.equal(call(work)<StoredChat>('chats', 'chat', chats.work).messageCount, 3);
        assert.equal(call('')<StoredProfile[]>('profiles', 'list').length, 2);
      },
    );
  });

  it('shows messages of which nothing tells the profile in none of those there are', () => {
    using folder = folderInMemory();
    const { work, chats } = fill(folder.database);
    const database = openDatabase(folder.database);
    database.pragma('foreign_keys = off');
    database.exec('delete from chat');
    mendReferences(database);
    assert.deepEqual(database.prepare('select distinct profile_id from chat').pluck().all(), ['recovered']);
    assert.deepEqual(treeProblems(database), []);
    database.close();
    const storage = new SqliteEngine(folder.database);
    for (const profile of ['default', work])
      assert.throws(() => callsOf(storage, profile)('chats', 'chat', chats.work), { code: 'chat-not-found' });
    assert.equal(read(callsOf(storage, 'recovered'), chats.work).length, 3);
    storage.close();
  });
});

describe('a rebuilt chat', () => {
  for (const [damage, sql, expected] of [
    ['whose question is lost', (ids: string[]) => `delete from message where id = '${ids[0]}'`, [3, 4]],
    ['whose chosen answer is lost', (ids: string[]) => `delete from message where id = '${ids[3]}'`, [0, 4]],
    [
      'in which two versions are chosen',
      (ids: string[]) => `update message set chosen = 1 where id = '${ids[1]}'`,
      [0, 3, 4],
    ],
    [
      'in which a message is read no more',
      (ids: string[]) => `update message set active = 0 where id = '${ids[4]}'`,
      [0, 3, 4],
    ],
    [
      'in which no version is chosen',
      (ids: string[]) => `update message set chosen = 0 where id = '${ids[3]}'`,
      [0, 3, 4],
    ],
  ] as const) {
    it(`${damage} has one branch again`, () => {
      using folder = folderInMemory();
      const { work, chats, messages } = fill(folder.database);
      const notices = afterwards(folder.database, sql(messages), (call) => {
        assert.deepEqual(
          read(call(work), chats.work).map((line) => messages.indexOf(line.split(' ')[0] ?? '')),
          expected,
        );
        const last = call(work)<{ messages: StoredMessage[] }>('chats', 'thread', chats.work, messages[4], 10);
        assert.deepEqual(
          last.messages.map(({ id }) => messages.indexOf(id)),
          expected,
        );
      });
      assert.equal(notices.length, 1);
    });
  }
});

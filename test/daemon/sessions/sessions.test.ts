// How long a daemon stays: as long as somebody is here, then its idle time; not even that when a newer build waits.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { Session } from '../../../daemon/sessions/session.ts';
import { Sessions } from '../../../daemon/sessions/sessions.ts';

const hour = 3_600_000;
const soon = 1;
const newSession = (sessions: Sessions): Session =>
  new Session(sessions.takeId(), { notify() {}, ask: async () => null }, 0);

describe('sessions', () => {
  it('nobody comes: the daemon leaves after its idle time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    using _sessions = new Sessions(() => soon, resolve);
    await promise;
  });

  it('the idle time begins when the last one leaves', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let idleMs = hour;
    using sessions = new Sessions(() => idleMs, resolve);
    const [first, second] = [newSession(sessions), newSession(sessions)];
    sessions.add(first);
    sessions.add(second);
    assert.notEqual(first.id, second.id);
    idleMs = soon;
    sessions.delete(first);
    assert.deepEqual(sessions.all, [second]);
    sessions.delete(second);
    sessions.delete(second);
    await promise;
  });

  it('it makes way for a newer build at once when nobody is here, else when the last one has left', async () => {
    for (const isUsed of [false, true]) {
      const { promise, resolve } = Promise.withResolvers<void>();
      using sessions = new Sessions(() => hour, resolve);
      const session = newSession(sessions);
      if (isUsed) sessions.add(session);
      assert.equal(sessions.makeWay(), !isUsed);
      sessions.delete(session);
      await promise;
    }
  });

  it('an idle time beyond what timers can hold is not zero', async () => {
    let hasLeft = false;
    using _sessions = new Sessions(
      () => 100_000 * 60_000,
      () => {
        hasLeft = true;
      },
    );
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(hasLeft, false);
  });
});

describe('the end of the daemon', () => {
  const begin = () => {
    let ends = 0;
    const sessions = new Sessions(
      () => hour,
      () => ends++,
    );
    const [asking, other] = [newSession(sessions), newSession(sessions)];
    other.name = 'vim';
    sessions.add(asking);
    sessions.add(other);
    return { sessions, asking, other, ends: () => ends };
  };

  it('comes when a session asks for it and no other is being answered', () => {
    const { sessions, asking, ends } = begin();
    using _sessions = sessions;
    asking.begin('switchyard/daemon/shutdown');
    sessions.end(asking, { force: false });
    assert.equal(ends(), 1);
  });

  it('is refused while another is being answered, by its name, unless it is forced', () => {
    const { sessions, asking, other, ends } = begin();
    using _sessions = sessions;
    const done = other.begin('switchyard/chat/send');
    const refused = { code: 'daemon-busy', retryable: true, message: /^The daemon is answering vim\./ };
    assert.throws(() => sessions.end(asking, { force: false }), refused);
    assert.equal(ends(), 0);
    sessions.end(asking, { force: true });
    assert.equal(ends(), 1);
    done();
    sessions.end(asking, { force: false });
    assert.equal(ends(), 2);
  });
});

describe('a session', () => {
  it('ends once: work is cancelled, listeners are told, documents are forgotten', () => {
    using sessions = new Sessions(
      () => hour,
      () => {},
    );
    const session = newSession(sessions);
    let told = 0;
    session.onClose(() => told++);
    session.documents.open({ uri: 'a', languageId: 'b', version: 1, text: 'c' });
    session.close();
    session.close();
    assert.deepEqual([session.closed.aborted, told, session.documents.all], [true, 1, []]);
  });

  it('gives the text at the version that was meant, or says that it moved', () => {
    using sessions = new Sessions(
      () => hour,
      () => {},
    );
    const session = newSession(sessions);
    session.documents.open({ uri: 'file:///a/b%20c.ts', languageId: 'typescript', version: 3, text: 'x' });
    assert.equal(session.snippet({ uri: 'file:///a/b%20c.ts', version: 3 }).text, 'x');
    assert.equal(session.snippet({ uri: 'file:///a/b%20c.ts', version: null }).version, 3);
    assert.throws(() => session.snippet({ uri: 'file:///a/b%20c.ts', version: 2 }), {
      code: 'document-moved',
      retryable: true,
      message: /^b c\.ts changed/,
    });
    assert.throws(() => session.snippet({ uri: 'file:///none.ts' }), { code: 'document-not-open' });
  });

  it('refuses what was made for a document that has moved since, or was closed', () => {
    using sessions = new Sessions(
      () => hour,
      () => {},
    );
    const session = newSession(sessions);
    const moved = { code: 'document-moved', retryable: true };
    session.documents.open({ uri: 'a', languageId: 'b', version: 1, text: 'c' });
    const snippet = session.snippet({ uri: 'a' });
    session.refuseMoved(snippet);
    session.documents.change('a', 2, [{ text: 'd' }]);
    assert.throws(() => session.refuseMoved(snippet), moved);
    session.documents.close('a');
    assert.throws(() => session.refuseMoved(snippet), moved);
  });
});

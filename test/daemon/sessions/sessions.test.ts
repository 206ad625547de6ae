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
    sessions.leave(first);
    assert.deepEqual(sessions.all, [second]);
    sessions.leave(second);
    sessions.leave(second);
    await promise;
  });

  it('it makes way for a newer build at once when nobody is here, else when the last one has left', async () => {
    for (const isUsed of [false, true]) {
      const { promise, resolve } = Promise.withResolvers<void>();
      using sessions = new Sessions(() => hour, resolve);
      const session = newSession(sessions);
      if (isUsed) sessions.add(session);
      assert.equal(sessions.makeWay(), !isUsed);
      sessions.leave(session);
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

describe('what happens within a moment', () => {
  it('is told once, to the clients of its profile', async () => {
    using sessions = new Sessions(
      () => hour,
      () => {},
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    const told: string[] = [];
    for (const [name, profile, initialized] of [
      ['one', 'mine', true],
      ['stranger', 'theirs', true],
      ['unknown', undefined, true],
      ['early', 'mine', false],
      ['last', 'mine', true],
    ] as const) {
      const notify = (method: string): void => {
        told.push(`${name} ${method}`);
        if (name === 'last') resolve();
      };
      const session = new Session(sessions.takeId(), { notify, ask: async () => null }, 0);
      Object.assign(session, { profile, initialized });
      sessions.add(session);
    }
    for (let change = 0; change < 5; change++) sessions.notifySoon('news', 'mine');
    await promise;
    assert.deepEqual(told, ['one news', 'last news']);
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
    const refused = { code: 'daemon-busy', retryable: true, message: /^The daemon is working for vim\./ };
    assert.throws(() => sessions.end(asking, { force: false }), refused);
    assert.equal(ends(), 0);
    sessions.end(asking, { force: true });
    assert.equal(ends(), 1);
    done();
    sessions.end(asking, { force: false });
    assert.equal(ends(), 2);
  });
});

describe('a client that leaves', () => {
  const left = (options: { resumes?: true; returnMs?: number; comesBackIn?: string[] }) => {
    const sessions = new Sessions(
      () => hour,
      () => {},
      options.returnMs ?? soon,
    );
    const session = newSession(sessions);
    session.name = 'browser';
    session.roots = ['file:///shop'];
    session.options = options.resumes ? { resumes: true } : {};
    sessions.add(session);
    sessions.leave(session);
    if (options.comesBackIn) {
      const again = newSession(sessions);
      Object.assign(again, { name: 'browser', roots: options.comesBackIn, options: { resumes: true } });
      sessions.add(again);
    }
    return { sessions, session };
  };
  const forsaken = (session: Session) => new Promise((resolve) => session.forsaken.addEventListener('abort', resolve));

  it('leaves nothing behind, unless it says that it may come back', () => {
    const { sessions, session } = left({});
    using _sessions = sessions;
    assert.deepEqual([session.closed.aborted, session.forsaken.aborted], [true, true]);
  });

  it('finds what it waited for when it comes back in time', async () => {
    const { sessions, session } = left({ resumes: true, comesBackIn: ['file:///shop'] });
    using _sessions = sessions;
    const other = left({ resumes: true });
    using _others = other.sessions;
    await forsaken(other.session); // a timer that began later has run out
    assert.deepEqual([session.closed.aborted, session.forsaken.aborted], [true, false]);
  });

  it('is given up where it does not come back, or only one in another folder does', async () => {
    for (const comesBackIn of [undefined, ['file:///other']]) {
      const { sessions, session } = left({ resumes: true, ...(comesBackIn && { comesBackIn }) });
      using _sessions = sessions;
      await forsaken(session);
    }
  });

  it('is given up when the daemon ends', () => {
    const { sessions, session } = left({ resumes: true, returnMs: hour });
    sessions[Symbol.dispose]();
    assert.equal(session.forsaken.aborted, true);
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
});

// A child that answers, fails, crashes, hangs and floods, as the tests of the child host ask it to.
import { once } from 'node:events';
import { CancelledError, UserError } from '../../../../daemon/base/errors.ts';
import { serveParent } from '../../../../daemon/base/process/child-peer.ts';

export type PeerProtocol = {
  requests: {
    echo: { params: unknown; part: never; result: unknown };
    count: { params: { to: number }; part: number; result: string };
    fail: { params: { how: 'user error' | 'bug' | 'cancelled' }; part: never; result: never };
    crash: { params: { words: string; characters: number }; part: never; result: never };
    wait: { params: undefined; part: 'begun'; result: never };
    hang: { params: undefined; part: 'begun'; result: never };
    flood: { params: { megabytes: number }; part: never; result: 'survived' };
    leave: { params: undefined; part: never; result: never };
    cancelled: { params: undefined; part: never; result: number };
    greeted: { params: undefined; part: never; result: string[] };
  };
  toChild: string;
  fromChild: string;
};

const heard: string[] = [];
let cancelled = 0;

const peer = serveParent<PeerProtocol>({
  answers: {
    echo: async (params) => params,
    async count({ to }, { send }) {
      for (let i = 1; i <= to; i++) send(i);
      return 'counted';
    },
    async fail({ how }) {
      if (how === 'user error') throw new UserError('peer-unwell', 'The peer is unwell. Ask another.');
      if (how === 'cancelled') throw new CancelledError();
      throw new TypeError('a bug of the peer');
    },
    async crash({ words, characters }) {
      process.stderr.write('x'.repeat(characters) + words, () => process.exit(7));
      return await new Promise<never>(() => {});
    },
    async wait(_, { signal, send }) {
      send('begun');
      signal.addEventListener('abort', () => cancelled++);
      await once(signal, 'abort');
      throw new CancelledError();
    },
    async hang(_, { send }) {
      send('begun');
      setImmediate(() => {
        for (;;);
      });
      return await new Promise<never>(() => {});
    },
    async flood({ megabytes }) {
      for (let i = 0; i < megabytes; i++)
        await new Promise<void>((resolve) => process.stderr.write('y'.repeat(2 ** 20), () => resolve()));
      return 'survived';
    },
    async leave() {
      process.removeAllListeners('disconnect');
      setInterval(() => {}, 1000);
      process.disconnect?.();
      return await new Promise<never>(() => {});
    },
    cancelled: async () => cancelled,
    greeted: async () => heard,
  },
  onNotice(notice) {
    heard.push(notice);
    peer.notify(`heard ${notice}`);
  },
});

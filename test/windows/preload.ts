// Loaded into each process inside Wine. Wine 8 refuses the time after which a quiet connection is probed (TCP_KEEPIDLE), and libuv then
// refuses to connect at all; every provider's connection asks for one. Here no connection is probed.
import { Socket } from 'node:net';

Socket.prototype.setKeepAlive = function (): Socket {
  return this;
};

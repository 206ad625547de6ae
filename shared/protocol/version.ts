// The wire's version. It is part of the socket's name: another wire is another daemon.
// Apart from the messages, so that a forwarder, which passes them on unread, does not load their schemas.
export const wireVersion = 1;

// What the daemon and the child that reads pages say to each other.
interface ReadRequest {
  bytes: Uint8Array;
  /** Where it's from: its links are relative to it. */
  url: string;
  /** As the server named it. */
  charset: string | undefined;
}

export interface ReadPage {
  title: string;
  markdown: string;
}

export type ReadingProtocol = {
  requests: { read: { params: ReadRequest; part: never; result: ReadPage } };
  toChild: never;
  fromChild: never;
};

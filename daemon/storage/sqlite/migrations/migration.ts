export interface Migration {
  /** A number and a word, such as `0001-chats`; never changed once released. */
  readonly name: string;
  readonly sql: string;
}

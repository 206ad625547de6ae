// Which state of the key store was the last one that was in use here. No key, and nothing of one, is stored.

/** Of the whole machine, as the key store is. */
export interface KeyFileLog {
  /** The highest generation that was noted; 0 where none was. */
  latest(): Promise<number>;
  /** Notes one; a lower one than before changes nothing. */
  note(generation: number): Promise<void>;
}

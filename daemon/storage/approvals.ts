// What the user has allowed the agent once and for all: exactly these steps, in one folder.

export interface StoredApproval {
  /** The folder that the agent works in, as a path. */
  root: string;
  /** A hash of exactly what would happen. */
  identity: string;
  kind: string;
  /** What the user was asked. */
  text: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** Of a profile the newest this many are kept. */
export const maxApprovals = 1000;

export interface ApprovalLog {
  add(approval: Omit<StoredApproval, 'createdAt'>): Promise<void>;
  has(root: string, identity: string): Promise<boolean>;
  /** The newest first. */
  list(): Promise<StoredApproval[]>;
  /** Of all folders where none is named. */
  clear(root?: string): Promise<void>;
}

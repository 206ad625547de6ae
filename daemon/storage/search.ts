// What search is to the rest of the daemon. What is found belongs to a profile, and a search sees its own profile alone.

export type SearchKind = 'message' | 'finding' | 'code' | 'memory';

/** Positions in a text, as in LSP. */
interface SearchRange {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

export interface SearchSnippet {
  text: string;
  /** UTF-16 offsets in the snippet, from–to. */
  highlights: [start: number, end: number][];
}

/** How much each ranking counts in their fusion. */
export interface FusionWeights {
  text: number;
  vector: number;
}

/** Whose vectors are kept. */
export interface VectorModel {
  name: string;
  dimensions: number;
}

/** Something to be found that is stored nowhere else: a piece of code, or a memory. */
export interface SearchSource {
  kind: 'code' | 'memory';
  /** Its name within the profile and kind; what is put again replaces what was. */
  reference: string;
  /** What it is a part of: of code, the file. */
  parent?: string;
  project?: string;
  language?: string;
  uri?: string;
  range?: SearchRange;
  title: string;
  text: string;
  /** Milliseconds since the epoch; now when left out. */
  createdAt?: number;
}

export interface SearchRequest {
  /** As the user typed it, filters included. */
  query: string;
  kinds?: readonly SearchKind[];
  project?: string;
  language?: string;
  path?: string;
  /** Messages of this chat alone. */
  chat?: string;
  /** Milliseconds since the epoch: not before, and before. */
  since?: number;
  until?: number;
  /** The query as the embedding model sees it; without it only words are searched. */
  vector?: Float32Array;
  /** The cosine below which a document without a word of the query is not found. Any is near enough where left out. */
  minSimilarity?: number;
  /** How much each ranking counts in fusion, where a measurement chooses. */
  weights?: FusionWeights;
  cursor?: string;
  limit?: number;
}

export interface SearchHit {
  kind: SearchKind;
  /** The message's, finding's, … own id. */
  id: string;
  /** The chat, or the file. */
  parent?: string;
  project?: string;
  language?: string;
  uri?: string;
  range?: SearchRange;
  title: string;
  snippet: SearchSnippet;
  /** From 0 to 1; only comparable within one search. */
  score: number;
  by: ('text' | 'vector')[];
  createdAt: number;
  /** Of a message: the others of its chat that were found, the best first. */
  places?: SearchPlace[];
}

export interface SearchPlace {
  id: string;
  snippet: SearchSnippet;
  by: SearchHit['by'];
}

export interface SearchResult {
  hits: SearchHit[];
  next?: string;
  /** What the user should know: how the query was read, what is not indexed yet. */
  notes: string[];
}

export interface SearchStatus {
  documents: number;
  /** Stored, and not in the index yet. */
  queued: number;
  rebuilding: boolean;
  model?: VectorModel;
  vectors: number;
  /** Documents without a vector of the model. */
  pending: number;
  /** Whether sqlite-vec measures distances; if not, slower code of ours does. */
  native: boolean;
}

/** Every call that writes resolves when the write is committed; what was put is found a moment later. */
export interface Search {
  /** Runs until it is done or the signal aborts, which throws CancelledError. Throws UserError `bad-cursor`. */
  find(request: SearchRequest, signal?: AbortSignal): Promise<SearchResult>;
  put(sources: readonly SearchSource[]): Promise<void>;
  /** By reference, or all parts of a parent. */
  remove(what: { kind: SearchSource['kind']; references?: readonly string[]; parent?: string }): Promise<void>;
}

/** The index of all profiles together: what keeps it, and what vectors it lacks. Nothing of it is shown to a profile. */
export interface SearchIndex {
  /** Vectors of this model are kept and found from now on; those of another are replaced bit by bit. */
  useModel(model: VectorModel): Promise<void>;
  /** Texts that have no vector of the model, the newest first. */
  pending(limit: number): Promise<{ document: number; text: string }[]>;
  store(vectors: readonly { document: number; vector: Float32Array }[]): Promise<void>;
  /** Makes postings and full text again out of what is stored; goes on in the background, and after a crash. */
  rebuild(): Promise<void>;
  status(): Promise<SearchStatus>;
}

// The answers that models on this machine give now, or that wait for one: so that who waits can see for what, go first, or stop another.
// An answer is its owner's alone: nobody else sees it, or may touch it.
import { UserError } from '../../base/errors.ts';
import type { InferencePart, InferenceRequest, LocalAnswer, LocalAnswerUse } from './inference.ts';

interface TrackedAnswer extends LocalAnswer {
  readonly owner: string;
  readonly latest: string | undefined;
  ahead: number | undefined;
  /** As last told. */
  behind: string[];
  tell(part: WaitingPart): void;
  end(): void;
  stop(): void;
}

type WaitingPart = Extract<InferencePart, { kind: 'waiting' | 'begins' }>;

/** Lives as long as the daemon. */
export class LocalAnswers {
  readonly #answers = new Map<string, TrackedAnswer>();

  /** Tracks an answer until it is disposed of. `end` ends it where nothing else does; `tell` hears what it waits for, and when that changes. */
  begin(
    { path, owner = '', key, latest }: InferenceRequest,
    { task, stop }: LocalAnswerUse,
    { end, tell }: Pick<TrackedAnswer, 'end' | 'tell'>,
  ): LocalAnswerTracking {
    if (latest !== undefined) this.#endOlder(owner, latest);
    const id = crypto.randomUUID();
    const answer: TrackedAnswer = {
      id,
      path,
      task,
      owner,
      latest,
      chat: key,
      since: Date.now(),
      ahead: undefined,
      behind: [],
      tell,
      end,
      stop() {
        stop?.(); // the whole request first, which then knows that it was meant to end
        end();
      },
    };
    this.#answers.set(id, answer);
    return {
      id,
      waits: (ahead) => {
        answer.ahead = ahead;
        this.#tell(answer, ahead);
        this.#tellOthers(answer);
      },
      runs: () => {
        if (answer.ahead !== undefined) answer.tell({ kind: 'begins' });
        answer.ahead = undefined;
        this.#tellOthers(answer);
      },
      [Symbol.dispose]: () => {
        this.#answers.delete(id);
        this.#tellOthers(answer);
      },
    };
  }

  /** An owner's, the first that was asked for first. */
  of(owner: string): TrackedAnswer[] {
    return [...this.#answers.values()].filter((answer) => answer.owner === owner);
  }

  /** Throws UserError (`no-such-answer`) as much for another owner's as for one that has ended. */
  stop(owner: string, id: string): void {
    this.find(owner, id).stop();
  }

  /** Throws as `stop` does. */
  find(owner: string, id: string): TrackedAnswer {
    const answer = this.#answers.get(id);
    if (answer?.owner === owner) return answer;
    throw new UserError('no-such-answer', 'That answer has ended already.');
  }

  #endOlder(owner: string, latest: string): void {
    for (const answer of this.#answers.values()) if (answer.owner === owner && answer.latest === latest) answer.end();
  }

  #tell(answer: TrackedAnswer, ahead: number): void {
    answer.behind = this.#before(answer);
    answer.tell({ kind: 'waiting', ahead, id: answer.id, behind: answer.behind });
  }

  /** Those of its owner that wait for other answers than before, now that it waits, runs, or has ended. */
  #tellOthers({ owner }: TrackedAnswer): void {
    for (const other of this.of(owner))
      if (other.ahead !== undefined && other.behind.join() !== this.#before(other).join())
        this.#tell(other, other.ahead);
  }

  #before({ owner, path }: Pick<TrackedAnswer, 'owner' | 'path'>): string[] {
    return this.of(owner).flatMap((other) => (other.path === path && other.ahead === undefined ? [other.id] : []));
  }
}

export interface LocalAnswerTracking extends Disposable {
  readonly id: string;
  waits(ahead: number): void;
  runs(): void;
}

// What a waiting answer is told of those before it, as they come and go.
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { LocalAnswers } from '../../../../daemon/models/inference/local-answers.ts';
import { ask } from './workbench.ts';

describe('the answers of local models', () => {
  /** Each by a name in place of its id; what they are told is noted. */
  function track() {
    const answers = new LocalAnswers();
    const names = new Map<string, string>();
    const told: string[] = [];
    const begin = (name: string, { owner = 'me', path = 'model' } = {}) => {
      const tracked = answers.begin(
        { ...ask(path), owner },
        {},
        {
          end: () => {},
          tell(part) {
            if (part.kind === 'begins') told.push(`${name}: begins`);
            else told.push(`${name}: ${part.ahead}, behind ${part.behind.map((id) => names.get(id)).join()}`);
          },
        },
      );
      names.set(tracked.id, name);
      return tracked;
    };
    return { begin, said: () => told.splice(0) };
  }

  it('are told who runs before them, and again when one of those ends or another one begins', () => {
    const { begin, said } = track();
    const first = begin('first');
    const second = begin('second');
    second.waits(1);
    const third = begin('third');
    third.waits(2);
    assert.deepEqual(said(), ['second: 1, behind first', 'third: 2, behind first']);
    first[Symbol.dispose]();
    assert.deepEqual(said(), ['second: 1, behind ', 'third: 2, behind ']);
    second.runs();
    assert.deepEqual(said(), ['second: begins', 'third: 2, behind second']);
    third.waits(1);
    assert.deepEqual(said(), ['third: 1, behind second']);
    second[Symbol.dispose]();
    third.runs();
    third[Symbol.dispose]();
    assert.deepEqual(said(), ['third: 1, behind ', 'third: begins']);
  });

  it("aren't told of what another owner or another model does", () => {
    const { begin, said } = track();
    begin('waiting').waits(1);
    said();
    for (const other of [begin('stranger', { owner: 'other' }), begin('elsewhere', { path: 'other' })]) {
      other.runs();
      other[Symbol.dispose]();
    }
    assert.deepEqual(said(), []);
  });
});

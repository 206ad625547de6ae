/** What stands under the answer of a run that waits for its user. */
export const waitNote = 'Waiting for your answer.';

// How answers ended that were to be edits, by the form in which a model was asked for them.
import type { Migration } from './migration.ts';

export const editAnswers: Migration = {
  name: '0024-edit-answers',
  sql: `
    create table edit_answer (
      id integer primary key autoincrement, -- in the order of their ends
      profile_id text not null,
      model text not null, -- provider/model
      format text not null,
      ended text not null
    ) strict;
    create index edit_answer_by_model on edit_answer (profile_id, model, format);
  `,
};

// What each request to a model used and cost, and why its model was chosen. Neither refers to the chat's row: what was spent
// stays spent when a chat is deleted.
import type { Migration } from './migration.ts';

export const requests: Migration = {
  name: '0003-requests',
  sql: `
    create table request (
      id text primary key,
      at integer not null, -- milliseconds since the epoch
      day text not null, -- the user's calendar day when it was made, YYYY-MM-DD: sums do not move when the user does
      profile_id text not null,
      chat_id text,
      answer_id text, -- the message it was made for; an answer may take several requests
      workspace text,
      task text not null,
      provider text not null,
      model text not null,
      input integer not null, -- tokens, in disjoint buckets
      cache_read integer not null,
      cache_write integer not null,
      output integer not null,
      reasoning integer not null,
      cost_usd real, -- null when it is unknown; 0 only when it cost nothing
      price_as_of text,
      status text not null check (status in ('complete', 'cached', 'partial', 'cancelled', 'failed'))
    ) strict;
    create index request_by_day on request (day, profile_id);
    create index request_by_answer on request (answer_id);

    create table decision (
      id text primary key,
      at integer not null,
      profile_id text not null,
      model text not null,
      policy text not null,
      record text not null, -- JSON, as is outcome
      outcome text -- null until the request has ended
    ) strict;
    create index decision_by_time on decision (at);
  `,
};

// Records of decisions name their chat and go with it for good. Features of a text are dropped where no outcome can be learned from.
import type { Migration } from './migration.ts';

const idIn = (json: string): string => `case when json_valid(${json}) then json_extract(${json}, '$.id') end`;
const nested = "case when json_valid(content) then json_extract(content, '$.decision') end";
const lesson =
  "coalesce(outcome ->> 'thumbs', outcome ->> 'keptEdit', outcome ->> 'retried', outcome ->> 'judgeScore')";

export const decisions: Migration = {
  name: '0018-decisions',
  sql: `
    alter table decision add column chat_id text; -- null where no chat asked
    update decision set chat_id = answer.chat_id
    from (select chat_id, ${idIn('decision')} as decision_id from message) as answer where answer.decision_id = decision.id;
    update decision set chat_id = answer.chat_id
    from (select chat_id, ${idIn(`(${nested})`)} as decision_id from deleted_message) as answer where answer.decision_id = decision.id;
    update decision set record = json_remove(record, '$.features')
    where json_valid(record) and case when outcome is null then 1 when json_valid(outcome) then ${lesson} is null end;
    create index decision_by_chat on decision (profile_id, chat_id, at);
    create trigger decisions_of_purged_chat after delete on deleted_chat
    when not exists (select 1 from chat where id = old.id) begin -- a chat that is brought back keeps them
      delete from decision where profile_id = old.profile_id and chat_id = old.id;
    end;
  `,
};

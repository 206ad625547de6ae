// A message for what is staged: a model writes it in the repository's style, and it is checked. Where it can't be used, or no model
// answers, one is made from the paths and kinds of the changes. Nothing is committed.
import { CancelledError, UserError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { askGit } from '../../base/process/git.ts';
import type { Ignore } from '../../ignore/ignore.ts';
import type { Attempt, Models } from '../../models/ask.ts';
import type { PromptMessage } from '../../models/providers/provider.ts';
import { type Decision, type ModelChoice, requestFor } from '../../models/router/router.ts';
import { redact } from '../../models/secrets/scanner.ts';
import { repositoryFolder } from '../pipeline/changes/git-change.ts';
import { markerRule, newMarker } from '../pipeline/code-prompts.ts';
import { wholeAnswer } from '../pipeline/rewrite.ts';
import { budgetOf } from '../pipeline/windows.ts';
import { readSubject } from './check.ts';
import { excerptOf } from './excerpt.ts';
import { maxSubjectChars, messageByRules, prefixFor } from './rules.ts';
import { type StagedFile, stagedFiles } from './staged.ts';
import { type CommitStyle, styleOf } from './style.ts';

interface CommitRequest extends ModelChoice {
  /** The repository, or a folder in it. A commit is of all that is staged. */
  root: string;
}

interface CommitOptions {
  signal: AbortSignal;
  /** What the model writes, before it is checked. */
  onText?: ((text: string) => void) | undefined;
}

interface WrittenMessage {
  message: string;
  /** `rules`: it was made from the paths and kinds of changes; the note says why. */
  by: 'model' | 'rules';
  note?: string;
  /** Who was asked, and why that one. */
  decision?: Decision;
}

/** Lives as long as the daemon. */
export interface CommitMessages {
  /** Throws UserError `nothing-staged`, `no-diff`; CancelledError. */
  write(request: CommitRequest, options: CommitOptions): Promise<WrittenMessage>;
}

interface CommitDeps {
  models: Models;
  ignore: Ignore;
  log: Log;
}

const learnedSubjects = 50;
const maxAnswerTokens = 1000; // a model that thinks first needs more than the subject itself

export function createCommitMessages({ models, ignore, log }: CommitDeps): CommitMessages {
  return {
    async write({ root: folder, ...choice }, { signal, onText }) {
      const root = await repositoryFolder(folder, signal);
      const files = await stagedFiles(root, { ignore, signal });
      if (files.length === 0)
        throw new UserError('nothing-staged', 'Nothing is staged. Stage changes with `git add`, then try again.');
      const subjects = await lastSubjects(root, signal);
      const staged: StagedChanges = { files, subjects, style: styleOf(subjects) };
      const byRules = (why: string): WrittenMessage => ({
        message: messageByRules(files, staged.style),
        by: 'rules',
        note: `This message was made from the file names. ${why}`,
      });
      try {
        return await models.ask({ wanted: requestFor('action', choice), signal }, async (attempt) => {
          log.info({ action: 'commit message', model: attempt.decision.model }, 'commit message');
          const { decision, notes } = attempt;
          const written = await ask(attempt, staged, { signal, onText });
          const allNotes = [...notes, ...written.notes];
          if ('why' in written)
            return { ...byRules([`The one from ${attempt.id} ${written.why}.`, ...allNotes].join(' ')), decision };
          const note = allNotes.length > 0 && { note: allNotes.join(' ') };
          return { message: written.subject, by: 'model', decision, ...note };
        });
      } catch (error) {
        if (signal.aborted || error instanceof CancelledError || !(error instanceof UserError)) throw error;
        return byRules(error.message);
      }
    },
  };
}

interface StagedChanges {
  files: readonly StagedFile[];
  /** The newest first. */
  subjects: readonly string[];
  style: CommitStyle;
}

/** The newest first; none where there is no commit yet. */
async function lastSubjects(root: string, signal: AbortSignal): Promise<string[]> {
  // Signatures are not looked at: the repository names the program that would.
  const args = ['log', `--max-count=${learnedSubjects}`, '--no-merges', '--no-show-signature', '--no-color'];
  try {
    const log = await askGit([...args, '--encoding=UTF-8', '--format=%s'], { root, signal });
    return log.split('\n').filter((subject) => subject !== '' && !/^(?:fixup|squash|amend)! /.test(subject));
  } catch {
    if (signal.aborted) throw new CancelledError();
    return [];
  }
}

async function ask(
  model: Attempt,
  { files, subjects, style }: StagedChanges,
  { signal, onText }: CommitOptions,
): Promise<({ subject: string } | { why: string }) & { notes: string[] }> {
  const { codeChars, outputTokens } = budgetOf(model.info);
  const earlier = redact(subjects.map((subject) => subject.slice(0, 200)).join('\n'));
  const room = Math.max(500, codeChars - earlier.text.length);
  const { text: changes, cutFiles, secrets } = excerptOf(files, room);
  const answer = await wholeAnswer({
    model,
    messages: messagesFor({ earlier: earlier.text, changes, style }),
    maxOutputTokens: Math.min(outputTokens, maxAnswerTokens),
    signal,
    ...(onText && {
      onText(part: string) {
        model.isShown = true;
        onText(part);
      },
    }),
  }).catch((error: unknown) => {
    if (error instanceof UserError && error.code === 'answer-cut-off') return undefined;
    throw error;
  });
  const notes = [
    ...(secrets.length > 0
      ? [`What is staged contains secrets (${countedKinds(secrets)}). The model saw only their kind.`]
      : []),
    ...(cutFiles > 0 ? [`The model didn't see all of the changes in ${cutFiles} of ${counted(files.length)}.`] : []),
    ...(answer?.warnings ?? []),
  ];
  if (!answer) return { why: "wasn't finished", notes };
  return { ...readSubject(answer.text, { style, prefix: prefixFor(files, style) }), notes };
}

function messagesFor({
  earlier,
  changes,
  style,
}: {
  earlier: string;
  changes: string;
  style: CommitStyle;
}): PromptMessage[] {
  const marker = newMarker();
  const form = {
    conventional: 'a Conventional Commit (`type: text` or `type(scope): text`)',
    area: '`area: text`, where the area is what the commit touches',
    plain: 'a plain sentence without a prefix',
  }[style.form];
  const system = [
    'You write the subject line of a Git commit: what the change does and, if it shows, why.',
    `Answer with that one line alone, at most ${maxSubjectChars} characters: no quotation marks, no code fence, no explanation, no issue numbers.`,
    `Its form: ${form}, beginning the text in ${style.isLowerCase ? 'lower' : 'upper'} case, without a period, in the imperative unless the earlier subjects differ.`,
    'Write it in the language of the earlier subjects.',
    markerRule(marker),
  ];
  const user = [
    ...(earlier === ''
      ? []
      : ['The last subjects of this repository, as examples of its style:', marker, earlier, marker]),
    'What is staged:',
    marker,
    changes,
    marker,
    'Write the subject line of this commit.',
  ];
  return [
    { role: 'system', content: system.join('\n') },
    { role: 'user', content: user.join('\n') },
  ];
}

function countedKinds(kinds: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} × ${kind}`).join(', ');
}

function counted(files: number): string {
  return files === 1 ? '1 file' : `${files} files`;
}

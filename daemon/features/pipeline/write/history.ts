// What became of code that was written before in this profile, as far as it decides about what is written now.
import { CancelledError } from '../../../base/errors.ts';
import type { WrittenCode, WrittenLog } from '../../../storage/written.ts';
import { fitCalibration } from '../judge/calibration.ts';
import type { RoleAnswer } from './ask-role.ts';
import type { JudgedBy } from './judging.ts';
import { isLoopWorth, loopRates, ratesWords } from './loop-worth.ts';
import { type CheckReport, passes } from './report.ts';

interface NewlyWritten {
  jobId: string;
  answer: Pick<RoleAnswer, 'model' | 'decision'>;
  language: string;
  draft: { report: CheckReport };
  revised: { report: CheckReport } | undefined;
  judgement: JudgedBy;
}

/** Lives as long as a job. Where storage fails nothing is known, and the work goes on. */
export class History {
  readonly #log: WrittenLog;
  readonly #known: readonly WrittenCode[];

  private constructor(log: WrittenLog, known: readonly WrittenCode[]) {
    this.#log = log;
    this.#known = known;
  }

  static async read(log: WrittenLog, signal: AbortSignal): Promise<History> {
    const known = await log.list().catch(() => []);
    if (signal.aborted) throw new CancelledError();
    return new History(log, known);
  }

  /** Why a review of this model's code does not pay, in words for the user; undefined where it does, or too little is known. */
  whyNoReview({ coder, language }: { coder: string; language: string }): string | undefined {
    const drafts = this.#known.flatMap(({ draftPasses, revisionPasses, ...code }) =>
      code.coder === coder && code.language === language && draftPasses !== undefined && revisionPasses !== undefined
        ? [{ draftPasses, revisionPasses }]
        : [],
    );
    const rates = loopRates(drafts);
    return isLoopWorth(rates) ? undefined : `a review of code by ${coder} doesn't pay, since ${ratesWords(rates)}`;
  }

  /** The probability that a judge's number stands for. */
  probability(judge: string, confidence: number): number | undefined {
    const outcomes = this.#known.flatMap(({ kept, ...code }) =>
      code.judge === judge && code.confidence !== undefined && kept !== undefined
        ? [{ confidence: code.confidence, kept }]
        : [],
    );
    return fitCalibration(outcomes)?.(confidence);
  }

  async add({ jobId, answer, language, draft, revised, judgement }: NewlyWritten): Promise<void> {
    const { id: decisionId } = answer.decision;
    const { model: judge, verdict, confidence } = judgement;
    const draftPasses = knownToPass(draft.report);
    const revisionPasses = revised && knownToPass(revised.report);
    const code = {
      jobId,
      coder: answer.model,
      language,
      ...(decisionId !== undefined && { decisionId }),
      ...(draftPasses !== undefined && { draftPasses }),
      ...(revisionPasses !== undefined && { revisionPasses }),
      ...(judge !== undefined && { judge }),
      ...(verdict === 'approved' && confidence !== undefined && { confidence }),
    };
    await this.#log.add(code).catch(() => {}); // what is learned of it is less than the code
  }
}

/** Only tests say that code is right; any check can say that it is wrong. */
function knownToPass(report: CheckReport): boolean | undefined {
  if (!passes(report)) return false;
  return report.passesTests;
}

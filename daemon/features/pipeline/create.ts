// What the pipeline is made of: a review, and the kind of job that writes.
import type { PipelineConfig } from '../../base/config/pipeline.ts';
import type { Log } from '../../base/log.ts';
import type { Outlines, Syntax } from '../../code-index/syntax-checker.ts';
import type { ModelGate } from '../../ignore/gate.ts';
import type { Models } from '../../models/ask.ts';
import type { Embedder } from '../../models/embedding/embedder.ts';
import type { Speeds } from '../../models/setup/speeds.ts';
import type { Code } from '../../storage/code.ts';
import type { Findings } from '../../storage/findings.ts';
import type { EditAnswerLog, WrittenLog } from '../../storage/written.ts';
import type { JobKind } from '../jobs/jobs.ts';
import { createAnalysers } from './analysers/analysers.ts';
import { EditForms } from './edits/edit-forms.ts';
import { EditGate } from './edits/gate.ts';
import { Lessons } from './panel/lessons.ts';
import { createReview, type Review } from './review.ts';
import type { ReviewShapes } from './types.ts';
import { createWriteKind, type WriteContext } from './write/write.ts';

/** What a profile's reviews found, what became of code that was written and of edits, and its index of code. */
interface PipelineStorage {
  findings: Findings<ReviewShapes>;
  written: WrittenLog;
  editAnswers: EditAnswerLog;
  code: Pick<Code, 'symbols'>;
}

export interface PipelineDeps {
  models: Models;
  /** How fast models read on this machine. */
  speeds: Pick<Speeds, 'of'>;
  gate: ModelGate;
  syntax: Syntax & Outlines;
  /** Compares findings with those on which the user has decided. */
  embedder: Embedder;
  storage: { in(profile: string): PipelineStorage };
  /** Where analysers keep what they know from one run to the next. */
  cacheFolder: string;
  config(): PipelineConfig;
  log: Log;
}

export interface Pipeline {
  edits: EditGate;
  forms: EditForms;
  review: Review;
  writeKind: JobKind<WriteContext>;
}

export function createPipeline({ storage, cacheFolder, config, ...deps }: PipelineDeps): Pipeline {
  const { log } = deps;
  const newId = (): string => crypto.randomUUID();
  const edits = new EditGate(deps);
  const analysers = createAnalysers({ log, cacheFolder });
  const forms = new EditForms({ gate: edits, answers: (profile) => storage.in(profile).editAnswers });
  const parts = { ...deps, edits, forms, analysers };
  const findings = (profile: string) => storage.in(profile).findings;
  return {
    edits,
    forms,
    review: createReview({
      ...parts,
      config,
      outlines: deps.syntax,
      code: (profile) => storage.in(profile).code,
      findings,
      lessons: new Lessons({ embedder: deps.embedder, findings }),
      newId,
    }),
    writeKind: createWriteKind({ ...parts, config, written: (profile) => storage.in(profile).written }),
  };
}

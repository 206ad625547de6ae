// The models that VS Code's picker shows of Switchyard: the router's choice, each policy, the smallest local model for small work, and
// each model that has what it needs. Pure.
import type { LanguageModelChatInformation } from 'vscode';
import { modelFacts } from '../../shared/model-words.ts';
import type { PolicyName } from '../../shared/protocol/chat.ts';
import type { Model } from '../../shared/protocol/models.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';
import { policies } from '../logic/policy-items.ts';

const assumedContext = 32_768; // tokens, where a server doesn't say: VS Code wants a number

/** Whom a request is for: a model, or who a policy chooses; neither where the settings decide. */
export interface AnswerTarget {
  model?: string;
  policy?: PolicyName;
}

export interface ModelEntry extends LanguageModelChatInformation {
  readonly target: AnswerTarget;
}

/**
 * In the order of the picker's list. Where no model can chat, one that says so: without any, VS Code refuses every request to @switchyard,
 * those too that need no model.
 */
export function modelEntries(all: readonly Model[], t: Translate = inEnglish): ModelEntry[] {
  const models = all.filter(({ capabilities, health }) => capabilities.chat !== false && health.state !== 'absent');
  const local = models.filter((model) => model.local);
  const [smallest] = local.toSorted((a, b) => (a.bytes ?? Infinity) - (b.bytes ?? Infinity));
  if (models.length === 0) return [noneEntry(t)];
  return [
    chosenEntry('auto', {
      name: t('Switchyard (auto)'),
      tooltip: t('The router chooses for each request.'),
      models,
      target: {},
    }),
    ...policies
      .filter(({ policy }) => policy !== 'local-only' || local.length > 0)
      .map(({ name, detail, policy }) =>
        chosenEntry(`policy-${policy}`, {
          name: `Switchyard (${t(name).toLowerCase()})`,
          tooltip: `${t(detail)}.`,
          models: policy === 'local-only' ? local : models,
          target: { policy },
        }),
      ),
    ...(smallest
      ? [
          chosenEntry('small', {
            name: t('Switchyard (small, local)'),
            tooltip: t('For titles, commit messages, and other small work: {0}.', smallest.id),
            models: [smallest],
            target: { model: smallest.id },
          }),
        ]
      : []),
    ...models.map((model) => namedEntry(model, t)),
  ];
}

function noneEntry(t: Translate): ModelEntry {
  return {
    id: 'auto',
    name: t('Switchyard (no model yet)'),
    family: 'switchyard',
    version: '1',
    tooltip: t('No model is set up yet. To get one, run "Switchyard: Download Model…".'),
    target: {},
    ...limitsOf(assumedContext),
    capabilities: { toolCalling: true },
  };
}

interface ChosenEntry {
  name: string;
  tooltip: string;
  /** Among them is the one that answers. */
  models: readonly Model[];
  target: AnswerTarget;
}

/** What one of them can do, it can do: the router asks one that is able. */
function chosenEntry(id: string, { name, tooltip, models, target }: ChosenEntry): ModelEntry {
  return {
    id,
    name,
    family: 'switchyard',
    version: '1',
    tooltip,
    target,
    ...limitsOf(Math.max(...models.map(contextOf))),
    capabilities: { toolCalling: models.some(takesTools), imageInput: models.some(readsImages) },
  };
}

function namedEntry(model: Model, t: Translate): ModelEntry {
  const { id, provider, local, unavailable } = model;
  return {
    id,
    name: id,
    family: id.slice(provider.length + 1),
    version: '1',
    detail: local ? t('on this machine') : t('cloud'),
    tooltip: unavailable ?? modelFacts(model, t),
    target: { model: id },
    ...limitsOf(contextOf(model)),
    capabilities: { toolCalling: takesTools(model), imageInput: readsImages(model) },
  };
}

/** Unknown is not "no". */
function takesTools({ capabilities }: Model): boolean {
  return capabilities.tools !== false;
}

function readsImages({ capabilities }: Model): boolean {
  return capabilities.vision !== false;
}

function contextOf({ contextTokens = assumedContext }: Model): number {
  return contextTokens;
}

/** A context holds the prompt and the answer. */
function limitsOf(contextTokens: number): Pick<ModelEntry, 'maxInputTokens' | 'maxOutputTokens'> {
  const maxOutputTokens = Math.min(16_384, Math.floor(contextTokens / 4));
  return { maxInputTokens: contextTokens - maxOutputTokens, maxOutputTokens };
}

// The rows of "Routing Policy…": the one that holds now is checked, and says who set it. Pure.
import type { PolicyName } from '../../shared/protocol/chat.ts';
import { inEnglish, type Translate } from '../../shared/words/translate.ts';

/** Who says what. What is absent says nothing. */
export interface PolicyLevels {
  workspace?: PolicyName | undefined;
  user?: PolicyName | undefined;
  /** What config.json says, or its default. */
  config?: PolicyName | undefined;
}

export interface PolicyItem {
  label: string;
  description: string;
  detail: string;
  policy: PolicyName | '';
}

export const policies: readonly { name: string; detail: string; policy: PolicyName }[] = [
  {
    name: 'Local first',
    detail: 'Prefer local models. Use cloud models only if none can answer',
    policy: 'local-first',
  },
  { name: 'Cheapest', detail: 'The cheapest model that can do it', policy: 'cheapest' },
  { name: 'Best', detail: 'The best answers, whatever they cost. Budgets still apply', policy: 'best' },
  { name: 'Fastest', detail: 'The fastest answers', policy: 'fastest' },
  { name: 'Local only', detail: 'Only models on this machine', policy: 'local-only' },
];

/** `local-only` in config.json goes before any setting, which can't lift it. */
export function policyItems({ workspace, user, config }: PolicyLevels, t: Translate = inEnglish): PolicyItem[] {
  const setting = workspace ?? user;
  const isForced = config === 'local-only' && setting !== undefined && setting !== 'local-only';
  const now = isForced ? config : (setting ?? config);
  const who = workspace === undefined ? t('current, set in user settings') : t('current, set in workspace settings');
  const whose = isForced || setting === undefined ? t('current, from config.json') : who;
  const ofConfig = policies.find(({ policy }) => policy === config)?.name;
  const row = (name: string, isNow: boolean): string => (isNow ? `$(check) ${name}` : name);
  return [
    {
      label: row(t('As set in config.json'), setting === undefined),
      description: ofConfig === undefined ? '' : t(ofConfig),
      detail: 'For all editors',
      policy: '',
    },
    ...policies.map(({ name, detail, policy }) => ({
      label: row(t(name), policy === now),
      description: policy === now ? whose : '',
      detail,
      policy,
    })),
  ];
}

// What a client may choose for a session: its mode and its model, for clients that know modes alone and for those with options of all kinds.
import type { SessionConfigOption, SessionModeState } from '@agentclientprotocol/sdk';
import type { AgentMode } from '../../../shared/protocol/agent.ts';
import type { Model } from '../../../shared/protocol/models.ts';

export interface SessionChoices {
  modes: readonly AgentMode[];
  models: readonly Model[];
  mode: string;
  /** `provider/model`; undefined where the policy chooses. */
  model: string | undefined;
}

export const modeOption = 'mode';
export const modelOption = 'model';
/** Stands for no model. */
export const automatic = 'auto';

export interface ShownChoices {
  modes: SessionModeState;
  configOptions: SessionConfigOption[];
}

export function choicesFor({ modes, models, mode, model }: SessionChoices): ShownChoices {
  const usable = models.filter(({ id, capabilities, unavailable }) => {
    return id === model || (capabilities.chat !== false && unavailable === undefined);
  });
  return {
    modes: {
      currentModeId: mode,
      availableModes: modes.map(({ id, title, description }) => ({ id, name: title, description })),
    },
    configOptions: [
      {
        type: 'select',
        id: modeOption,
        name: 'Mode',
        category: 'mode',
        currentValue: mode,
        options: modes.map(({ id, title, description }) => ({ value: id, name: title, description })),
      },
      {
        type: 'select',
        id: modelOption,
        name: 'Model',
        category: 'model',
        currentValue: model ?? automatic,
        options: [
          { value: automatic, name: 'Automatic', description: 'Switchyard chooses a model for each request' },
          ...usable.map(({ id }) => ({ value: id, name: id })),
        ],
      },
    ],
  };
}

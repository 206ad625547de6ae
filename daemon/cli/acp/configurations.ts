// How editors are told to start `switchyard acp`: each in its own format.

interface AcpCommand {
  command: string;
  args: readonly string[];
}

interface EditorConfiguration {
  /** Where its user puts the text. */
  place: string;
  text(command: AcpCommand): string;
}

export const configurations: Readonly<Record<string, EditorConfiguration>> = {
  zed: {
    place: "Zed's settings.json",
    text: (command) => json({ agent_servers: { Switchyard: { type: 'custom', ...command, env: {} } } }),
  },
  jetbrains: {
    place: '~/.jetbrains/acp.json',
    text: (command) => json({ agent_servers: { Switchyard: { ...command, env: {} } } }),
  },
  neovim: {
    place: 'your Neovim configuration, with the plugin CodeCompanion',
    text: ({ command, args }) => `require "codecompanion".setup({
  interactions = { chat = { adapter = "switchyard" } },
  adapters = {
    acp = {
      switchyard = function()
        return require "codecompanion.adapters".extend("gemini_cli", {
          name = "switchyard",
          formatted_name = "Switchyard",
          commands = { default = { ${[command, ...args].map(quoted).join(', ')} } },
          env = {},
        })
      end,
    },
  },
})`,
  },
  emacs: {
    place: 'your Emacs configuration, with the package agent-shell',
    text: ({ command, args }) => `(defun switchyard-agent-config ()
  (agent-shell-make-agent-config
   :identifier 'switchyard :mode-line-name "Switchyard" :buffer-name "Switchyard"
   :shell-prompt "Switchyard> " :shell-prompt-regexp "Switchyard> "
   :client-maker (lambda (buffer)
                   (acp-make-client
                    :command ${quoted(command)}
                    :command-params '(${args.map(quoted).join(' ')})
                    :context-buffer buffer))))

(defun switchyard-agent-shell ()
  (interactive)
  (agent-shell-start :config (switchyard-agent-config)))`,
  },
};

function json(value: object): string {
  return JSON.stringify(value, null, 2);
}

/** Strings of Lua and of Emacs Lisp escape these as JSON does. */
function quoted(word: string): string {
  return JSON.stringify(word);
}

// VS Code's API for views as a page finds it there; its messages go through the page's socket. Runs in the page.

export function installVsCodeApi(): void {
  const state: { saved?: unknown } = {};
  const socket = new WebSocket(`ws://${location.host}/ws`);
  const opened = new Promise((resolve) => socket.addEventListener('open', resolve));
  socket.addEventListener('message', ({ data }) => window.postMessage(JSON.parse(data)));
  const api = {
    postMessage: (message: unknown) => void opened.then(() => socket.send(JSON.stringify(message))),
    getState: () => JSON.parse(sessionStorage.getItem('vscode-state') ?? 'null'),
    setState: (saved: unknown) => {
      state.saved = saved;
      sessionStorage.setItem('vscode-state', JSON.stringify(saved));
    },
  };
  Object.assign(window, { acquireVsCodeApi: () => api });
}

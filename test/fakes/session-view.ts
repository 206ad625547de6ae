// A session as the parts below a connection see it, without a connection.
import type { SessionView } from '../../daemon/sessions/session-view.ts';

let lastId = 0;

/** An editor that works nowhere, unless said otherwise. */
export function sessionView(view: Partial<SessionView> = {}): SessionView {
  return {
    id: ++lastId,
    roots: [],
    profile: undefined,
    options: {},
    isEditor: true,
    isIndexed: true,
    onClose() {},
    document: () => undefined,
    ...view,
  };
}

// What config.json says of the web.
import * as z from 'zod';

export const WebConfig = z.object({
  searxng: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'The address of your SearXNG, with which the agent searches the web. Its "search.formats" must have "json". Default: Brave or Tavily, whichever has an API key.',
    ),
});

export type WebConfig = z.infer<typeof WebConfig>;

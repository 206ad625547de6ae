// The page that shows the views in a browser: one HTML document under the strictest policy that lets the bundle run.

export type ViewName = 'chat' | 'history' | 'jobs';

/** `nonce` is fresh for each page: only our own script and styles carry it. */
export function viewPage(nonce: string, view: ViewName): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Switchyard</title>
<link rel="icon" href="icon.svg" type="image/svg+xml">
<style nonce="${nonce}">html,body{height:100%;margin:0}</style>
</head>
<body>
<sw-${view}></sw-${view}>
<script nonce="${nonce}" src="${view}.js"></script>
</body>
</html>
`;
}

/** The policy of the page, for the header: nothing from anywhere but our own origin, scripts by nonce, no frames around it. */
export function viewPolicy(nonce: string, origin: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src 'self' data:",
    `connect-src ${origin} ${origin.replace(/^http/, 'ws')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

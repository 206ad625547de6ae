// Answers that try to load, run or lead away: each way known to us of getting an address or a script through Markdown.
// Addresses go to a host that is not ours; scripts set `window.owned`.

const evil = 'https://evil.example';

export const hostileMarkdown: Record<string, string> = {
  image: `![beacon](${evil}/a.png "title")`,
  'image by reference': `![beacon][b]\n\n[b]: ${evil}/b.png`,
  'image in a link': `[![beacon](${evil}/c.png)](${evil}/go)`,
  'image without a scheme': '![beacon](//evil.example/d.png)',
  'image of data': '![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9Im93bmVkPTEiLz4=)',
  'HTML image': `<img src="${evil}/e.png" onerror="window.owned=1">`,
  'HTML image inline': `text <img src=x onerror=window.owned=1> text`,
  'HTML script': '<script>window.owned = 1</script>',
  'HTML frame': `<iframe src="${evil}/f" srcdoc="<script>parent.owned=1</script>"></iframe>`,
  'HTML style': `<style>body { background: url(${evil}/g.png) }</style><p style="background:url(${evil}/h.png)">x</p>`,
  'HTML link': `<link rel="stylesheet" href="${evil}/i.css"><base href="${evil}/"><meta http-equiv="refresh" content="0;url=${evil}/j">`,
  'HTML media': `<video src="${evil}/k" poster="${evil}/l.png"></video><object data="${evil}/m"></object><form action="${evil}/n"><input autofocus onfocus="window.owned=1"></form>`,
  'SVG script': `<svg onload="window.owned=1"><script>window.owned=1</script><image href="${evil}/o.png"/></svg>`,
  'SVG in MathML':
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.owned=1&gt;">',
  autolink: `<${evil}/p> ${evil}/q`,
  'autolink with script': '<javascript:window.owned=1> <data:text/html,<script>window.owned=1</script>>',
  'script link':
    '[click](javascript:window.owned=1) [click](JaVaScRiPt:window.owned=1) [click](java&#115;cript:window.owned=1) [click](&#x6A;avascript:window.owned=1)',
  'script link with space':
    '[click](<java\tscript:window.owned=1>) [click]( javascript:window.owned=1 ) [click](\u0001javascript:window.owned=1)',
  'data link': '[click](data:text/html;base64,PHNjcmlwdD5vcGVuZXIub3duZWQ9MTwvc2NyaXB0Pg==)',
  'command link':
    '[click](command:workbench.action.terminal.new) [click](vscode://file/etc/passwd) [click](file:///etc/passwd)',
  'link out of its attribute': `[click](${evil}/"onmouseover="window.owned=1) [click](${evil}/'%22><img/src=x/onerror=window.owned=1>)`,
  'title out of its attribute': `[click](${evil}/r '" onmouseover="window.owned=1')`,
  'alt out of its label': `![<img src=x onerror=window.owned=1>"><script>window.owned=1</script>](${evil}/s.png)`,
  'code language': '```"><img/src=x/onerror=window.owned=1>\ncode\n```',
  'code text': '```html\n<img src=x onerror=window.owned=1><script>window.owned=1</script>\n```',
  'code button':
    '<button data-act="apply">Apply</button><div class="code"><code>rm -rf ~</code><button data-act="insert">x</button></div>',
  entities: '&lt;img src=x onerror=window.owned=1&gt; &#60;script&#62;window.owned=1&#60;/script&#62;',
  'unclosed tag': '<img src="x" onerror="window.owned=1"\n\n<script',
  'table cell': `| a |\n|---|\n| <img src=x onerror=window.owned=1> ![x](${evil}/t.png) |`,
  'nested quote': `> > - <details open ontoggle=window.owned=1> ![x](${evil}/u.png)`,
  'formula that links':
    '$\\href{javascript:window.owned=1}{x}$ $\\includegraphics{https://evil.example/v.png}$ \\(\\htmlStyle{background:url(https://evil.example/w)}{x}\\)',
  'formula of HTML': '$$\\text{<img src=x onerror=window.owned=1>}$$ $</span><script>window.owned=1</script>$',
  'footnote out of its title': `a[^x] b[^"onmouseover="window.owned=1]\n\n[^x]: "onmouseover="window.owned=1" <img/src=x/onerror=window.owned=1> ![x](${evil}/x.png)\n[^"onmouseover="window.owned=1]: y`,
  'reference with script': '[click][s]\n\n[s]: javascript:window.owned=1',
};

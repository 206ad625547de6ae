// Secrets that their place gives away: in a command of the terminal, in netrc and pgpass, in a session's cookie. Rows as those of
// formats.ts; what is secret is the pattern's group `value`, at its end. Each looks a bounded way back, and only from its anchor.
import type { Format } from './formats.ts';

const row = (kind: string, anchors: readonly string[], pattern: RegExp): Format => ({
  kind,
  anchors,
  pattern,
  holdsValue: true,
});

export const commands: readonly Format[] = [
  row(
    'password',
    ['-u', '-U', '--user', '--proxy-user'],
    /(?=-[\w-]{1,12}[ \t=]{0,2}[^\s:@/]{1,64}:)(?<=\b(?:curl|wget|https?|xh)\b[^\n]{0,300}\s)(?:-[uU]|--(?:proxy-)?user)[ \t=]{0,2}["']?[^\s:"'@/]{1,64}:(?<value>[^\s"']{4,128})/y,
  ),
  row(
    'password',
    ['-a', '-p', '-P', '-w', '--requirepass', '--auth'],
    /(?=-[\w-]{1,13}[ \t]{1,4}[^\s-])(?<=\b(?:mysql\w*|sshpass|redis-\w+|(?:docker|podman|registry|skopeo|buildah) login|mongo\w*|ldap\w+|sqlcmd|bcp|zip|unzip|smbclient)\b[^\n]{0,200}\s)(?:-[apPw]|--requirepass|--auth)[ \t]{1,4}["']?(?=[^\s"']{0,64}[A-Za-z])(?<value>[^\s"'-][^\s"']{4,128})/y,
  ),
  row(
    'password',
    ['-p'],
    /(?=-p[^\s]{4})(?<=\b(?:mysql\w*|mariadb[\w-]*|sshpass|7z\w?)\b[^\n]{0,200}\s)-p["']?(?=[^\s"']{0,64}[A-Za-z])(?<value>[^\s"']{4,128})/y,
  ),
  row(
    'password',
    ['password', 'passwd'],
    /(?<=(?:\bmachine[ \t]+\S{1,200}|\bdefault)\s{1,40}(?:login|user)[ \t]+\S{1,128}\s{1,40})passw(?:or)?d[ \t]+["']?(?<value>[^\s"']{4,200})/y,
  ),
  {
    kind: 'password',
    anchors: [':*', ...Array.from('123456789', (digit) => `:${digit}`)],
    pattern:
      /(?<=(?:^|[\n"'\s])(?:[\w-]{1,64}\.){0,6}(?:[\w-]{1,64}|\*)):(?:\d{4,5}|\*):(?:[A-Za-z_][\w-]{0,63}|\*):(?:[A-Za-z_][\w-]{0,63}|\*):(?=[^\s:]{0,64}[^\s:a-z])(?<value>[^\s:"']{6,128})(?![^\s"'])/y,
    hasLead: true, // the host before its port
    holdsValue: true,
  },
  row('private key', ['"d"'], /"d"\s{0,4}:\s{0,4}"(?<value>[\w-]{40,1400})/y), // as a JSON web key has it
  row(
    'session cookie',
    ['PHPSESSID', 'JSESSIONID', 'connect.sid', 'ASP.NET_S', 'laravel_s', 'sessionid=', '_session_id'],
    /(?:PHPSESSID|JSESSIONID|connect\.sid|ASP\.NET_SessionId|laravel_session|sessionid|_session_id)=(?<value>[\w%.+/~-]{16,1024}=*)/y,
  ),
];

// Files by which npm starts a script of Node on Windows, as npm 11 writes them.

/** What npm puts into `node_modules/.bin` and beside its global packages. `way` leads from there to the script. */
export function npmStarter(way: string): string {
  return [
    '@ECHO off',
    'GOTO start',
    ':find_dp0',
    'SET dp0=%~dp0',
    'EXIT /b',
    ':start',
    'SETLOCAL',
    'CALL :find_dp0',
    '',
    String.raw`IF EXIST "%dp0%\node.exe" (`,
    String.raw`  SET "_prog=%dp0%\node.exe"`,
    ') ELSE (',
    '  SET "_prog=node"',
    '  SET PATHEXT=%PATHEXT:;.JS;=;%',
    ')',
    '',
    `endLocal & goto #_undefined_# 2>NUL || title %COMSPEC% & "%_prog%"  "%dp0%\\${way}" %*`,
    '',
  ].join('\r\n');
}

/** npm's own, which lies beside Node. */
export function npmsOwnStarter(program: 'npm' | 'npx', way: string): string {
  const script = `${program.toUpperCase()}_CLI_JS`;
  return [
    ":: Created by npm, please don't edit manually.",
    '@ECHO OFF',
    '',
    'SETLOCAL',
    '',
    String.raw`SET "NODE_EXE=%~dp0\node.exe"`,
    'IF NOT EXIST "%NODE_EXE%" (',
    '  SET "NODE_EXE=node"',
    ')',
    '',
    String.raw`SET "NPM_PREFIX_JS=%~dp0\node_modules\npm\bin\npm-prefix.js"`,
    `SET "${script}=%~dp0\\${way}"`,
    `FOR /F "delims=" %%F IN ('CALL "%NODE_EXE%" "%NPM_PREFIX_JS%"') DO (`,
    `  SET "NPM_PREFIX_${script}=%%F\\${way}"`,
    ')',
    `IF EXIST "%NPM_PREFIX_${script}%" (`,
    `  SET "${script}=%NPM_PREFIX_${script}%"`,
    ')',
    '',
    `"%NODE_EXE%" "%${script}%" %*`,
    '',
  ].join('\r\n');
}

/** What pnpm and yarn write. */
export function plainStarter(way: string): string {
  return [
    String.raw`@IF EXIST "%~dp0\node.exe" (`,
    `  "%~dp0\\node.exe"  "%~dp0\\${way}" %*`,
    ') ELSE (',
    '  @SETLOCAL',
    '  @SET PATHEXT=%PATHEXT:;.JS;=;%',
    `  node  "%~dp0\\${way}" %*`,
    ')',
    '',
  ].join('\r\n');
}

// What `biome lint --reporter=rdjson` prints (Reviewdog's diagnostic format), and which files it reads.
import { fields, items, type LineColumn, lineColumnFrom, type ToolReport, text } from '../report.ts';

const severities = { ERROR: 'error', WARNING: 'warning', INFO: 'info' } as const;

export function parseBiome(output: string): ToolReport[] {
  return items(fields(JSON.parse(output))['diagnostics']).flatMap((diagnostic): ToolReport[] => {
    const location = fields(diagnostic['location']);
    const range = rangeFrom(location['range']);
    if (!range) return []; // about the run, not about a place
    const [suggestion, ...others] = items(diagnostic['suggestions']);
    const fixRange = others.length === 0 ? rangeFrom(suggestion?.['range']) : undefined;
    const rule = text(fields(diagnostic['code'])['value']);
    return [
      {
        ...range,
        path: text(location['path']),
        message: text(diagnostic['message']),
        severity: severities[text(diagnostic['severity']) as keyof typeof severities] ?? 'warning',
        ...(rule && { rule: rule === 'parse' ? 'syntax' : rule }),
        ...(fixRange && { fix: { ...fixRange, text: text(suggestion?.['text']) } }),
      },
    ];
  });
}

function rangeFrom(value: unknown): { start: LineColumn; end: LineColumn } | undefined {
  const { start, end } = fields(value);
  const [first, last] = [start, end].map((place) => lineColumnFrom(fields(place)['line'], fields(place)['column']));
  return first && last && { start: first, end: last };
}

/** What `biome lint --verbose` says it has processed. A file that is too large for it is among them. */
export function processedByBiome({ stdout, stderr }: { stdout: string; stderr: string }): string[] | undefined {
  const list = /Files processed:\s*\n([\s\S]*?)(?:━|$)/.exec(stdout)?.[1];
  if (list === undefined) return undefined;
  const tooLarge = [...stderr.matchAll(/^(.+?) lint ━+\s+! The size of the file/gm)].map(([, path]) => path);
  return [...list.matchAll(/^\s*- (.+)$/gm)].map(([, path = '']) => path).filter((path) => !tooLarge.includes(path));
}

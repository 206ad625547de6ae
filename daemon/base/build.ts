// Which build this is, and the total order on builds that decides who may replace whom.

export interface Build {
  version: string;
  /** Seconds since the epoch when the program was built; 0 when it runs from source. */
  stamp: number;
}

// Put in place by esbuild.mjs.
declare const __SWITCHYARD_VERSION__: string | undefined;
declare const __SWITCHYARD_STAMP__: number | undefined;

export const thisBuild: Build = {
  version: typeof __SWITCHYARD_VERSION__ === 'undefined' ? '0.0.0' : __SWITCHYARD_VERSION__,
  stamp: typeof __SWITCHYARD_STAMP__ === 'undefined' ? 0 : __SWITCHYARD_STAMP__,
};

/** Negative when `a` is older than `b`: by version, then by build time. */
export function compareBuilds(a: Build, b: Build): number {
  const [left, right] = [numbers(a.version), numbers(b.version)];
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.stamp - b.stamp;
}

function numbers(version: string): number[] {
  return version.split(/[.+-]/, 3).map((part) => Number.parseInt(part, 10) || 0);
}

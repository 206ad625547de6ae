// Circles among imports: Tarjan's algorithm for strongly connected components (SIAM J. Comput. 1(2), 1972).

/** Which files each file imports, types included. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** One line a circle, `a -> b -> a`: the shortest way around, and how many files it ties together where they are more. */
export function circlesOf(graph: ImportGraph): string[] {
  return tiedFiles(graph).map((files) => {
    const way = shortestCircle(graph, files);
    const isAll = way.length - 1 === files.length;
    return isAll ? way.join(' -> ') : `${way.join(' -> ')} (of ${files.length} files tied together)`;
  });
}

/** The strongly connected components that are circles, each in the order of its files' names. */
function tiedFiles(graph: ImportGraph): string[][] {
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const components: string[][] = [];
  const visit = (file: string): number => {
    order.set(file, order.size);
    let lowest = order.size - 1;
    stack.push(file);
    for (const target of graph.get(file) ?? []) {
      if (!graph.has(target)) continue;
      if (!order.has(target)) lowest = Math.min(lowest, visit(target));
      else if (stack.includes(target)) lowest = Math.min(lowest, low.get(target) ?? order.get(target) ?? lowest);
      low.set(file, lowest);
    }
    if (lowest === order.get(file)) components.push(stack.splice(stack.indexOf(file)).sort());
    low.set(file, lowest);
    return lowest;
  };
  for (const file of graph.keys()) if (!order.has(file)) visit(file);
  return components.filter(([first = '', ...others]) => others.length > 0 || graph.get(first)?.includes(first));
}

/** The shortest way from one of the files back to itself. */
function shortestCircle(graph: ImportGraph, files: readonly string[]): string[] {
  const circles = files.map((start) => {
    const ways = [[start]];
    const seen = new Set<string>();
    for (const way of ways) {
      for (const target of graph.get(way.at(-1) ?? '') ?? []) {
        if (target === start) return [...way, start];
        if (seen.has(target) || !files.includes(target)) continue;
        seen.add(target);
        ways.push([...way, target]);
      }
    }
    return [];
  });
  return circles.reduce((best, circle) => (circle.length < best.length ? circle : best));
}

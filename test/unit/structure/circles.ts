/** What each node of a graph points to. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** Groups of nodes that reach each other, each as one sorted list (Tarjan's strongly connected components). */
export function circlesOf(graph: Graph): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const circles: string[][] = [];

  const visit = (node: string): void => {
    const number = order.size;
    order.set(node, number);
    lowest.set(node, number);
    open.push(node);
    const targets = graph.get(node) ?? [];
    for (const target of targets) {
      if (!order.has(target)) visit(target);
      if (open.includes(target)) lowest.set(node, Math.min(lowest.get(node)!, lowest.get(target)!));
    }
    if (lowest.get(node) !== number) return;
    const group = open.splice(open.indexOf(node));
    if (group.length > 1 || targets.includes(node)) circles.push(group.sort());
  };

  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return circles.sort();
}

/** One way around a circle: `a → b → a`. Starts at the first node and takes the shortest way back to it. */
export function wayAround(circle: readonly string[], graph: Graph): string {
  const start = circle[0]!;
  const ways: string[][] = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    for (const target of graph.get(way.at(-1)!) ?? []) {
      if (target === start) return [...way, start].join(' → ');
      if (!circle.includes(target) || seen.has(target)) continue;
      seen.add(target);
      ways.push([...way, target]);
    }
  }
  throw new Error(`${circle} is no circle.`);
}

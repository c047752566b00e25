import type { Page } from 'playwright';
import { findPieces, piecesOf } from './leaks.ts';

/** The parts of V8's heap snapshot that are read here: nodes as numbers, by the names in `meta`. */
interface Snapshot {
  readonly snapshot: {
    readonly meta: {
      readonly node_fields: readonly string[];
      readonly node_types: readonly [readonly string[], ...unknown[]];
      readonly edge_fields: readonly string[];
      readonly edge_types: readonly [readonly string[], ...unknown[]];
    };
  };
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
  readonly strings: readonly string[];
}

/** Where a piece of a token is reachable in a page's heap: each find with the way to it, the nearest first. */
export async function tokensInHeap(page: Page, tokens: readonly string[]): Promise<string[]> {
  const snapshot = await heapSnapshot(page);
  const pieces = piecesOf(tokens);
  const isLeak = snapshot.strings.map((text) => findPieces(text, pieces).length > 0);
  return isLeak.includes(true) ? retainersOf(snapshot, isLeak) : [];
}

async function heapSnapshot(page: Page): Promise<Snapshot> {
  const devtools = await page.context().newCDPSession(page);
  const chunks: string[] = [];
  devtools.on('HeapProfiler.addHeapSnapshotChunk', ({ chunk }) => chunks.push(chunk));
  for (let round = 0; round < 3; round++) await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false });
  await devtools.detach();
  return JSON.parse(chunks.join(''));
}

/** The shortest ways from the root to the strings that leak. */
function retainersOf({ snapshot, nodes, edges, strings }: Snapshot, isLeak: readonly boolean[]): string[] {
  const { node_fields, node_types, edge_fields, edge_types } = snapshot.meta;
  const [width, edgeWidth] = [node_fields.length, edge_fields.length];
  const at = (name: string) => node_fields.indexOf(name);
  const edgeAt = (name: string) => edge_fields.indexOf(name);
  const nameOf = (node: number) => strings[nodes[node + at('name')] as number] ?? '';
  const typeOf = (node: number) => node_types[0][nodes[node + at('type')] as number] ?? '';
  const firstEdge = new Map<number, number>();
  for (let node = 0, edge = 0; node < nodes.length; node += width) {
    firstEdge.set(node, edge);
    edge += (nodes[node + at('edge_count')] as number) * edgeWidth;
  }
  const cameFrom = new Map<number, readonly [number, string]>([[0, [-1, '']]]);
  const found: number[] = [];
  for (const node of cameFrom.keys()) {
    if (/string/.test(typeOf(node)) && isLeak[nodes[node + at('name')] as number]) found.push(node);
    const start = firstEdge.get(node) ?? 0;
    const end = start + (nodes[node + at('edge_count')] as number) * edgeWidth;
    for (let edge = start; edge < end; edge += edgeWidth) {
      const type = edge_types[0][edges[edge + edgeAt('type')] as number];
      if (type === 'weak') continue;
      const target = edges[edge + edgeAt('to_node')] as number;
      const name = edges[edge + edgeAt('name_or_index')] as number;
      const label = type === 'element' || type === 'hidden' ? `[${name}]` : (strings[name] ?? '');
      if (!cameFrom.has(target)) cameFrom.set(target, [node, label]);
    }
  }
  return found.map((leak) => {
    const way: string[] = [];
    for (let node = leak; node > 0; ) {
      const [from, edge] = cameFrom.get(node) ?? [-1, ''];
      way.push(`${edge.slice(0, 40)} of ${from > 0 ? nameOf(from).slice(0, 40) : 'the root'}`);
      node = from;
    }
    return way.join(' < ');
  });
}

// Finds the routes of a path: literal segments before parameters, at every level. Answers "no such path" and "no such method"
// apart, because clients get different bodies for them. Built once at start; a route that can never be reached is an error then.
import type { Method, Route } from './route.js';

interface Node {
  readonly literals: Map<string, Node>;
  parameter: { readonly name: string; readonly node: Node } | null;
  readonly methods: Map<Method, Route[]>;
}

export interface Match {
  readonly routes: readonly Route[];
  readonly params: ReadonlyMap<string, string>;
}

export type Lookup =
  | { readonly kind: 'found'; readonly match: Match }
  | { readonly kind: 'no-method'; readonly allowed: readonly Method[] }
  | { readonly kind: 'no-path' };

function newNode(): Node {
  return { literals: new Map(), parameter: null, methods: new Map() };
}

/** The decoded segments of a path, or null when an escape is malformed or hides what PostgreSQL cannot hold. */
export function trySplitPath(path: string): readonly string[] | null {
  const raw = path.split('/').slice(1);
  if (raw.length === 1 && raw[0] === '') return [];
  try {
    const segments = raw.map(decodeURIComponent);
    return segments.some((segment) => segment.includes('\0')) ? null : segments;
  } catch {
    return null;
  }
}

export class Router {
  private readonly root = newNode();

  constructor(routes: readonly Route[]) {
    for (const route of routes) this.add(route);
  }

  private add(route: Route): void {
    let node = this.root;
    for (const segment of trySplitPath(route.path) ?? []) {
      const name = /^\{(\w+)\}$/.exec(segment)?.[1];
      node = name === undefined ? this.literal(node, segment) : this.parameter(node, name, route);
    }
    const present = node.methods.get(route.method) ?? [];
    const clash = present.some((one) => one.action === undefined || one.action === route.action);
    if (clash || (present.length > 0 && route.action === undefined)) {
      throw new Error(`two routes for ${route.method} ${route.path}: ${route.operationId}`);
    }
    node.methods.set(route.method, [...present, route]);
  }

  private literal(node: Node, segment: string): Node {
    const next = node.literals.get(segment) ?? newNode();
    node.literals.set(segment, next);
    return next;
  }

  private parameter(node: Node, name: string, route: Route): Node {
    node.parameter ??= { name, node: newNode() };
    if (node.parameter.name !== name)
      throw new Error(`${route.path}: the parameter is called ${node.parameter.name} elsewhere`);
    return node.parameter.node;
  }

  private find(node: Node, segments: readonly string[], at: number, params: Map<string, string>): Node | null {
    const segment = segments[at];
    if (segment === undefined) return node.methods.size > 0 ? node : null;
    const literal = node.literals.get(segment);
    const found = literal === undefined ? null : this.find(literal, segments, at + 1, params);
    if (found !== null) return found;
    if (node.parameter === null || segment === '') return null;
    const below = this.find(node.parameter.node, segments, at + 1, params);
    if (below !== null) params.set(node.parameter.name, segment);
    return below;
  }

  /** HEAD is served by GET where no route of its own exists. */
  lookup(method: string, segments: readonly string[]): Lookup {
    const params = new Map<string, string>();
    const node = this.find(this.root, segments, 0, params);
    if (node === null) return { kind: 'no-path' };
    const routes = node.methods.get(method as Method) ?? (method === 'HEAD' ? node.methods.get('GET') : undefined);
    if (routes === undefined) return { kind: 'no-method', allowed: [...node.methods.keys()] };
    return { kind: 'found', match: { routes, params } };
  }
}

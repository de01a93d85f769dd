// One request and its answer for every route of an API, by the recipes of the policy tests: each resource is made fresh, and asked for by the
// person that the rule's level is about.
import assert from 'node:assert/strict';
import { policyTable } from '../../../services/api/auth/policy.js';
import type { Example, Examples } from '../../../services/api/docs/reference-document.js';
import type { Route } from '../../../services/api/shell/route.js';
import type { Recipe } from '../policy/recipe.js';
import type { Ids } from '../policy/targets.js';
import { normalise } from './normalise.js';

export type ExamplePerson = 'ann' | 'ownAdmin' | 'service';

export interface ExampleAsking {
  readonly as: ExamplePerson | null;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ExampleWorld<Target extends string> {
  readonly prefix: string;
  readonly routes: readonly Route[];
  readonly recipes: Readonly<Record<string, Recipe<Target>>>;
  /** Shown beside the token; the version that is asked for. */
  readonly headers: Readonly<Record<string, string>>;
  target(name: Target): Promise<Ids>;
  ask(
    method: string,
    path: string,
    asking: ExampleAsking,
  ): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Before each request: nothing but the target shall be there. */
  clear(): Promise<void>;
}

function personOf(route: Route): ExamplePerson | null {
  if (route.policy === 'none') return null;
  const level = policyTable[route.policy];
  if (level === 'admin') return 'ownAdmin';
  return level === 'service' ? 'service' : 'ann';
}

async function recordOne<Target extends string>(
  world: ExampleWorld<Target>,
  route: Route,
  recipe: Recipe<Target>,
): Promise<Example> {
  await world.clear();
  const ids = await world.target(recipe.on);
  const values: Ids = { ...ids, ...recipe.path };
  const path = `${route.path}${recipe.query ?? ''}`.replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? name);
  const body = recipe.body?.(ids);
  const headers = recipe.headers?.(ids);
  // What only some may see at all is shown to an administrator.
  const as = recipe.may !== undefined && !recipe.may.includes('ann') ? 'ownAdmin' : personOf(route);
  const answer = await world.ask(route.method, path, {
    as,
    ...(body === undefined ? {} : { body }),
    ...(headers === undefined ? {} : { headers }),
  });
  assert.equal(answer.status, recipe.answers ?? route.success, `${route.operationId}: ${JSON.stringify(answer.body)}`);
  const shown = { ...(as === null ? {} : { 'X-Auth-Token': 'a-token' }), ...world.headers, ...headers };
  return normalise(
    {
      request: {
        method: route.method,
        path: `${world.prefix}${path}`,
        ...(Object.keys(shown).length === 0 ? {} : { headers: shown }),
        ...(body === undefined ? {} : { body }),
      },
      response: { status: answer.status, ...(answer.body === undefined ? {} : { body: answer.body }) },
    },
    Object.values(ids),
  );
}

/** In the order of operation ids, so that the file's lines stay where they are. */
export async function recordExamples<Target extends string>(world: ExampleWorld<Target>): Promise<Examples> {
  const found: Record<string, Example> = {};
  for (const route of world.routes) {
    const recipe = world.recipes[route.operationId];
    assert.ok(recipe !== undefined, `${route.operationId} has no recipe`);
    found[route.operationId] ??= await recordOne(world, route, recipe);
  }
  return Object.fromEntries(Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)));
}

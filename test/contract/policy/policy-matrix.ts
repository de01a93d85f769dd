// Every route of an API × every persona, on real resources: what is allowed succeeds; what is not is 401 without a token, 403 for a role
// too low, and for a stranger 404 with the very words that an id of nothing gets. Whatever is refused has changed no row. The
// expectations (whose level reaches how far) are written by hand in each API's suite, not derived from services/api/auth/policy.ts.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type PolicyLevel, policyTable } from '../../../services/api/auth/policy.js';
import type { Route } from '../../../services/api/shell/route.js';
import type { Recipe } from './recipe.js';
import type { Ids } from './targets.js';

export interface MatrixAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface MatrixAsking<Person extends string> {
  /** null: without a token. */
  readonly as: Person | null;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The API at work, with its people. */
export interface MatrixWorld<Person extends string, Target extends string> {
  /** `path` is below the API's prefix. */
  ask(method: string, path: string, asking: MatrixAsking<Person>): Promise<MatrixAnswer>;
  target(name: Target): Promise<Ids>;
  /** Of everything that the database holds. */
  digest(): Promise<string>;
  /** Until everything that was accepted has ended. */
  settle(): Promise<void>;
  /** What a stranger's list must not show, beside the ids of the target. */
  readonly secrets: readonly string[];
}

export interface MatrixSpec<Person extends string, Target extends string> {
  readonly routes: readonly Route[];
  readonly recipes: Readonly<Record<string, Recipe<Target>>>;
  /** People of the project that owns the targets, and all others. */
  readonly own: readonly Person[];
  readonly strangers: readonly Person[];
  /** By role alone, whoever owns what is acted on. */
  readonly mayDo: Readonly<Record<PolicyLevel, readonly Person[]>>;
  /** Strangers who see every project's resources: administrators. */
  readonly overseers: readonly Person[];
  /** The text of a refusal (403) in the API's envelope. */
  readonly refusal: (body: unknown) => unknown;
  readonly refusalPattern: RegExp;
}

type Expected = 'success' | 'forbidden' | 'missing' | 'hidden';

const isUuid = (value: string): boolean => /^[0-9a-f]{8}-/.test(value);

function usesUp(route: Route): boolean {
  return !['GET', 'HEAD'].includes(route.method);
}

class Matrix<Person extends string, Target extends string> {
  constructor(
    private readonly spec: MatrixSpec<Person, Target>,
    private readonly world: MatrixWorld<Person, Target>,
  ) {}

  private expectedOf(route: Route, recipe: Recipe<Target>, person: Person): Expected {
    if (route.policy === 'none') return 'success';
    const level: PolicyLevel = policyTable[route.policy];
    const may: readonly string[] = recipe.may ?? this.spec.mayDo[level];
    if (!may.includes(person)) return 'forbidden';
    if (!this.spec.strangers.includes(person) || recipe.foreign === 'shared') return 'success';
    if (recipe.foreign === 'hidden') return 'hidden';
    if (recipe.ownOnly === true) return 'missing';
    return this.spec.overseers.includes(person) || level === 'service' ? 'success' : 'missing';
  }

  private ask(route: Route, recipe: Recipe<Target>, ids: Ids, as: Person | null): Promise<MatrixAnswer> {
    const values: Ids = { ...ids, ...recipe.path };
    const path = `${route.path}${recipe.query ?? ''}`.replace(/\{(\w+)\}/g, (_all, name: string) => {
      const value = values[name];
      assert.ok(value !== undefined, `${route.operationId}: the recipe gives no ${name}`);
      return value;
    });
    const [body, headers] = [recipe.body?.(ids), recipe.headers?.(ids)];
    return this.world.ask(route.method, path, {
      as,
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    });
  }

  private async demandUnchanged(work: () => Promise<MatrixAnswer>, status: number, who: string): Promise<MatrixAnswer> {
    const before = await this.world.digest();
    const answer = await work();
    assert.equal(answer.status, status, `${who}: ${JSON.stringify(answer.body)}`);
    assert.equal(await this.world.digest(), before, `${who} was refused and changed something`);
    return answer;
  }

  /** A stranger learns nothing: not even whether there is something. */
  private async demandMissing(route: Route, recipe: Recipe<Target>, ids: Ids, person: Person): Promise<void> {
    const answer = await this.demandUnchanged(
      () => this.ask(route, recipe, ids, person),
      recipe.missingAs ?? 404,
      person,
    );
    const text = JSON.stringify(answer.body);
    if (Object.values(ids).every((id) => !isUuid(id))) return;
    const nothing = Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, isUuid(id) ? randomUUID() : id]));
    const like = JSON.stringify((await this.ask(route, recipe, nothing, person)).body);
    const anonymous = (said: string, known: Ids): string =>
      Object.entries(known).reduce((rest, [name, id]) => rest.replaceAll(id, `{${name}}`), said);
    assert.equal(anonymous(text, ids), anonymous(like, nothing), `${person} can tell a foreign id from none`);
  }

  private demandHidden(ids: Ids, body: unknown, person: Person): void {
    const text = JSON.stringify(body);
    for (const secret of [...Object.values(ids), ...this.world.secrets]) {
      assert.ok(!text.includes(secret), `${person} sees ${secret}`);
    }
  }

  /** Returns whether the target may have been used up. */
  private async judge(route: Route, recipe: Recipe<Target>, ids: Ids, person: Person): Promise<boolean> {
    const expected = this.expectedOf(route, recipe, person);
    if (expected === 'forbidden') {
      const status = recipe.refusedAs?.[person] ?? 403;
      const { body } = await this.demandUnchanged(() => this.ask(route, recipe, ids, person), status, person);
      // A HEAD has no body to word it.
      if (status === 403 && route.method !== 'HEAD')
        assert.match(String(this.spec.refusal(body)), this.spec.refusalPattern, person);
      return false;
    }
    if (expected === 'missing') {
      await this.demandMissing(route, recipe, ids, person);
      return false;
    }
    const answer = await this.ask(route, recipe, ids, person);
    assert.equal(answer.status, recipe.answers ?? route.success, `${person}: ${JSON.stringify(answer.body)}`);
    if (expected === 'hidden') this.demandHidden(ids, answer.body, person);
    await this.world.settle();
    return usesUp(route);
  }

  async drive(route: Route, recipe: Recipe<Target>): Promise<void> {
    let ids = await this.world.target(recipe.on);
    const unnamed = () => this.ask(route, recipe, ids, null);
    if (route.policy === 'none') {
      assert.equal((await unnamed()).status, recipe.answers ?? route.success);
      if (usesUp(route)) ids = await this.world.target(recipe.on);
    } else await this.demandUnchanged(unnamed, 401, 'without a token');
    for (const person of [...this.spec.own, ...this.spec.strangers]) {
      const isUsed = await this.judge(route, recipe, ids, person);
      if (isUsed) ids = await this.world.target(recipe.on);
    }
  }
}

/** One test for each route, and one that no route escapes. `world` is asked for when a test runs. */
export function policyMatrix<Person extends string, Target extends string>(
  spec: MatrixSpec<Person, Target>,
  world: () => MatrixWorld<Person, Target>,
): void {
  it('has a recipe for every route, and none for a route that is gone', () => {
    const served = [...new Set(spec.routes.map((route) => route.operationId))].sort();
    assert.deepEqual(
      served.filter((id) => !(id in spec.recipes)),
      [],
      'routes without a recipe',
    );
    assert.deepEqual(
      Object.keys(spec.recipes).filter((id) => !served.includes(id)),
      [],
      'recipes without a route',
    );
  });

  for (const route of spec.routes) {
    const recipe = spec.recipes[route.operationId];
    if (recipe === undefined) continue;
    it(`${route.operationId} (${route.method} ${route.path}): ${route.policy}`, () =>
      new Matrix(spec, world()).drive(route, recipe));
  }
}

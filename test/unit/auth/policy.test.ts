// Every rule of the policy table × every persona × own and other project, against what the level's name promises.
import assert from 'node:assert/strict';
import {
  authorize,
  type PolicyActor,
  type PolicyLevel,
  type PolicyRule,
  policyTable,
} from '../../../services/api/auth/policy.js';
import { ServiceError } from '../../../services/core/domain/errors.js';

const own = 'a'.repeat(32);
const other = 'b'.repeat(32);

function actor(roles: string[], projectId: string | null = own): PolicyActor {
  return { userId: 'me', projectId, roles, isAdmin: projectId !== null && roles.includes('admin') };
}

const personas = {
  unscoped: actor([], null),
  stranger: actor(['some-other-role']),
  reader: actor(['reader']),
  member: actor(['member', 'reader']),
  manager: actor(['manager', 'member', 'reader']),
  admin: actor(['admin', 'manager', 'member', 'reader']),
  service: actor(['service']),
} as const;
type Persona = keyof typeof personas;

// Written by hand, not derived from the code under test.
const mayDo: Record<PolicyLevel, readonly Persona[]> = {
  anyone: ['unscoped', 'stranger', 'reader', 'member', 'manager', 'admin', 'service'],
  reader: ['reader', 'member', 'manager', 'admin'],
  member: ['member', 'manager', 'admin'],
  admin: ['admin'],
  service: ['service', 'admin'],
  self: ['admin'],
};

function outcome(rule: PolicyRule, persona: Persona, projectId: string): string {
  try {
    authorize(rule, personas[persona], { projectId, userId: 'somebody else' });
    return 'allowed';
  } catch (thrown) {
    if (thrown instanceof ServiceError) return thrown.code;
    throw thrown;
  }
}

function expected(level: PolicyLevel, persona: Persona, projectId: string): string {
  const allowed = mayDo[level].includes(persona);
  if (persona === 'admin') return 'allowed';
  const foreign = projectId !== personas[persona].projectId;
  if (foreign && !(level === 'service' && allowed)) return 'not_found';
  return allowed ? 'allowed' : 'forbidden';
}

describe('policy', () => {
  const rules = Object.keys(policyTable) as PolicyRule[];
  for (const rule of rules) {
    it(`${rule} (${policyTable[rule]}) holds for every persona on own and other project`, () => {
      for (const persona of Object.keys(personas) as Persona[]) {
        for (const projectId of [own, other]) {
          assert.equal(
            outcome(rule, persona, projectId),
            expected(policyTable[rule], persona, projectId),
            `${persona} on ${projectId === own ? 'own' : 'other'} project`,
          );
        }
      }
    });
  }

  it('lets a user see itself, and nobody else', () => {
    authorize('user:show', personas.unscoped, { userId: 'me' });
    assert.throws(() => authorize('user:show', personas.member, { userId: 'you' }), { code: 'forbidden' });
  });

  it('names the rule in the refusal, as clients know it', () => {
    assert.throws(() => authorize('type:create', personas.member), {
      code: 'forbidden',
      message: "Policy doesn't allow type:create to be performed.",
    });
  });
});

// Who acts in the tests of the compute API: two members of different projects, a service, an administrator.
import type { Answer } from '../identity/api-rig.js';
import { ComputeRig } from './compute-rig.js';

export const missingId = '00000000-0000-4000-8000-000000000000';

export interface Person {
  readonly token: string;
  readonly projectId: string;
}

export class ComputePeople {
  private constructor(
    readonly rig: ComputeRig,
    readonly admin: string,
    readonly ann: Person,
    readonly bob: Person,
    readonly service: Person,
  ) {}

  static async meet(): Promise<ComputePeople> {
    const rig = await ComputeRig.open();
    const { api } = rig;
    const ann = await api.newUser('ann', 'project-a', 'member');
    const bob = await api.newUser('bob', 'project-b', 'member');
    const service = await api.newUser('svc', 'service', 'service');
    return new ComputePeople(rig, await api.admin(), ann, bob, service);
  }

  ask(method: string, path: string, token: string, body?: unknown): Promise<Answer> {
    return this.rig.api.ask(method, `/compute/v2.1${path}`, { token, ...(body === undefined ? {} : { body }) });
  }
}

// Odd requests for every operation of the compute, identity and image APIs, as member and administrator, with real tokens.
import assert from 'node:assert/strict';
import { gates } from '../../../services/api/compute/microversions.js';
import { ComputePeople, missingId } from '../compute/compute-people.js';
import { ContractRecorder } from '../identity/contract-recorder.js';
import { type FaultForm, Judge } from './judge.js';
import { type Operation, operationsOf, readOpenApi } from './operations.js';
import { requestOf } from './requests.js';
import { rowDigestOf } from './row-digest.js';
import { countsText, runBatches, seedOfRun } from './run-batches.js';
import { Sender } from './send.js';

type Known = Record<string, readonly string[]>;

/** Requests that hash a password cost as much as a hundred others. */
const costly: ReadonlySet<string> = new Set([
  'identityCreateToken',
  'identityCreateUser',
  'identityUpdateUser',
  'identityChangePassword',
  'identityCreateApplicationCredential',
]);
const COSTLY_SHARE = 4;

interface Tested {
  readonly name: 'compute' | 'identity' | 'image';
  readonly form: FaultForm;
  readonly versions: readonly string[];
  readonly batches: number;
}

const tested: readonly Tested[] = [
  { name: 'compute', form: 'fault', versions: ['2.1', ...Object.values(gates), '2.60'], batches: 45 },
  { name: 'identity', form: 'error', versions: [], batches: 50 },
  { name: 'image', form: 'page', versions: [], batches: 6 },
];
const BATCH_SIZE = 50;
const RENEW_EVERY = 10;

describe('any request to the other APIs', function () {
  this.timeout(180_000);
  let people: ComputePeople;

  before(async () => {
    people = await ComputePeople.meet();
  });
  after(() => people.rig.close());

  async function made(path: string, kind: string, body: object): Promise<string> {
    const { api } = people.rig;
    const answer = await api.ask('POST', `/identity/v3/${path}`, { token: people.admin, body: { [kind]: body } });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body[kind].id as string;
  }

  /** The catalog follows from the configuration, so there is always one of each. */
  async function firstOf(kind: string): Promise<string> {
    const answer = await people.rig.api.ask('GET', `/identity/v3/${kind}`, { token: people.admin });
    return answer.body[kind][0].id as string;
  }

  /** Victims: whatever requests do to them, those who ask stay who they are. */
  async function renewIdentity(turn: number): Promise<Known> {
    const name = `victim-${turn}`;
    const domain = await made('domains', 'domain', { name });
    const project = await made('projects', 'project', { name });
    const user = await made('users', 'user', { name });
    const role = await made('roles', 'role', { name });
    const [service, endpoint, region] = await Promise.all(['services', 'endpoints', 'regions'].map(firstOf));
    return {
      domain_id: [domain],
      project_id: [project],
      user_id: [user],
      role_id: [role],
      implied_role_id: [role],
      service_id: [service ?? ''],
      region_id: [region ?? ''],
      endpoint_id: [endpoint ?? ''],
      application_credential_id: [missingId.replaceAll('-', '')],
      name: [name, `${name}-other`, 'bob'],
      password: ['bob'],
      id: ['default', domain, project, user, role],
    };
  }

  async function renewCompute(): Promise<Known> {
    const { ann, rig } = people;
    await rig.engine.settle();
    // An odd request may well have been a good one that leaves the project without a quota.
    await rig.api.database('quota_limits').delete();
    const left: { id: string }[] = await rig.api.database('servers').select('id');
    for (const { id } of left) await people.ask('DELETE', `/servers/${id}`, people.admin);
    await rig.engine.settle();
    const flavor = { id: '1', name: 'm1.tiny', ram: 256, vcpus: 1, disk: 0 };
    if ((await people.ask('GET', '/flavors/1', people.admin)).status === 404)
      assert.equal((await people.ask('POST', '/flavors', people.admin, { flavor })).status, 200);
    const { id, volumeId } = await rig.activeServer(ann.token, ann.projectId);
    const volume = await rig.volume(ann.projectId);
    const snapshot = await rig.snapshot(await rig.volume(ann.projectId), 'creating');
    const actions = await people.ask('GET', `/servers/${id}/os-instance-actions`, ann.token);
    return {
      request_id: [actions.body.instanceActions[0].request_id as string],
      server_id: [id, missingId],
      volume_id: [volume, volumeId],
      volumeId: [volume],
      uuid: [volume],
      snapshot_id: [snapshot],
      flavor_id: ['1', '2', 'none'],
      flavorRef: ['1', '2'],
      tag: ['red', 'blue'],
      project_id: [ann.projectId, people.bob.projectId],
    };
  }

  async function run({ name, form, versions, batches }: Tested): Promise<number> {
    const { api } = people.rig;
    const document = readOpenApi(name);
    const operations = operationsOf(document);
    const usual = operations.filter(({ operationId }) => !costly.has(operationId));
    const rare = operations.filter(({ operationId }) => costly.has(operationId));
    let known: Known = {};
    const asker = {
      ...{ prefix: `/${name}`, document, people: ['ann', 'admin'], versions },
      known: (parameter: string) => (Object.hasOwn(known, parameter) ? (known[parameter] ?? []) : []),
    };
    const sender = new Sender(api.baseUrl, name, {
      tokens: { ann: people.ann.token, admin: people.admin },
      // Only who takes nothing else gets a refusal of the image API as JSON.
      headers: { 'X-Subject-Token': people.bob.token, ...(name === 'image' ? { Accept: 'application/json' } : {}) },
    });
    const recorder = new ContractRecorder(document);
    const seed = seedOfRun(name);
    let arbitraries = new Map<Operation, ReturnType<typeof requestOf>>();
    const counts = await runBatches({
      ...{ sender, batches, seed },
      // Access rules of credentials are not offered, and that is said.
      judge: new Judge(
        document,
        recorder,
        form,
        new Set([...recorder.neverSucceeding(), 'identityCreateApplicationCredential']),
      ),
      digest: await rowDigestOf(api.database),
      async batch(index) {
        if (index % RENEW_EVERY === 0) {
          if (name === 'compute') known = await renewCompute();
          if (name === 'identity') known = await renewIdentity(index);
          arbitraries = new Map(operations.map((operation) => [operation, requestOf(operation, asker)]));
        }
        const chosen = Array.from({ length: BATCH_SIZE }, (_, at) => {
          const isRare = at < COSTLY_SHARE && rare.length > 0;
          const from = isRare ? rare : usual;
          const turn = isRare ? index * COSTLY_SHARE + at : index * BATCH_SIZE + at;
          return from[turn % from.length];
        });
        return chosen.flatMap((operation) => {
          const one = operation === undefined ? undefined : arbitraries.get(operation);
          return one === undefined ? [] : [one];
        });
      },
    }).finally(() => sender.close());
    process.stdout.write(countsText(name, seed, counts));
    assert.ok(counts.held > counts.loose, 'most refusals were held against the rows');
    return counts.sent;
  }

  for (const one of tested) {
    it(`${one.name}: is answered as documented, and changes nothing when it is refused`, async () => {
      assert.ok((await run(one)) >= one.batches * BATCH_SIZE, 'enough requests');
    });
  }
});

// volume qos create, list, show, set, unset, delete, associate, disassociate. A volume type points to at most one set of specs.
import { CliError, UsageError } from '../cli-error.js';
import type { CommandResult, CommandRow } from '../command.js';
import type { CommandInput } from '../command-input.js';
import { forEachNamed } from '../resources/for-each-named.js';
import { findQosSpecs, findVolumeType, type QosSpecs } from '../resources/lookups.js';
import type { Session } from '../session.js';

const qosArgument = { name: 'qos-spec', about: 'QoS specs (name or ID)' } as const;
const typeArgument = { name: 'volume-type', about: 'volume type (name or ID)' } as const;
const consumers = ['front-end', 'back-end', 'both'] as const;

/** Names of the volume types that point to the specs. */
async function associationsOf(session: Session, { id }: QosSpecs): Promise<readonly string[]> {
  const { qos_associations } = await session.volume.get('/v3/qos-specs/{qos_id}/associations', {
    path: { qos_id: id },
  });
  return qos_associations.map(({ name }) => name);
}

async function createQos(session: Session, input: CommandInput): Promise<CommandResult> {
  // A null is how the API leaves a key out; the texts are what the specs are made of.
  const qos_specs = {
    ...input.pairs('property'),
    name: input.need('name'),
    consumer: input.text('consumer') ?? 'both',
  };
  const made = (await session.volume.post('/v3/qos-specs', { body: { qos_specs } })).qos_specs;
  const { id, name, consumer, specs } = made;
  return { kind: 'one', fields: { consumer, id, name, properties: specs } };
}

async function listQos(session: Session): Promise<CommandResult> {
  const { qos_specs } = await session.volume.get('/v3/qos-specs', {});
  // The API has no list with associations; each set is asked for its own, all at the same time.
  const associations = await Promise.all(qos_specs.map((specs) => associationsOf(session, specs)));
  return {
    kind: 'many',
    columns: ['ID', 'Name', 'Consumer', 'Associations', 'Properties'],
    rows: qos_specs.map(({ id, name, consumer, specs }, index) => [id, name, consumer, associations[index], specs]),
  };
}

async function showQos(session: Session, input: CommandInput): Promise<CommandResult> {
  const found = await findQosSpecs(session, input.need('qos-spec'));
  const { id, name, consumer, specs } = found;
  const associations = await associationsOf(session, found);
  return { kind: 'one', fields: { associations, consumer, id, name, properties: specs } };
}

async function setQos(session: Session, input: CommandInput): Promise<undefined> {
  const consumer = input.text('consumer');
  const change = { ...input.pairs('property'), ...(consumer === undefined ? {} : { consumer }) };
  if (Object.keys(change).length === 0) throw new UsageError('--property is missing.', 'Nothing to change was given.');
  const { id } = await findQosSpecs(session, input.need('qos-spec'));
  await session.volume.put('/v3/qos-specs/{qos_id}', { path: { qos_id: id }, body: { qos_specs: change } });
  return undefined;
}

async function unsetQos(session: Session, input: CommandInput): Promise<undefined> {
  const keys = [...input.texts('property')];
  if (keys.length === 0) throw new UsageError('--property is missing.', 'Name the properties to remove.');
  const { id } = await findQosSpecs(session, input.need('qos-spec'));
  await session.volume.put('/v3/qos-specs/{qos_id}/delete_keys', { path: { qos_id: id }, body: { keys } });
  return undefined;
}

async function deleteQos(session: Session, input: CommandInput): Promise<undefined> {
  await forEachNamed(input.texts('qos-spec'), async (name) => {
    const { id } = await findQosSpecs(session, name);
    const query = input.flag('force') ? { force: 'True' } : {};
    await session.volume.delete('/v3/qos-specs/{qos_id}', { path: { qos_id: id }, query });
  });
  return undefined;
}

async function associate(session: Session, input: CommandInput): Promise<undefined> {
  const [{ id }, type] = await Promise.all([
    findQosSpecs(session, input.need('qos-spec')),
    findVolumeType(session, input.need('volume-type')),
  ]);
  const query = { vol_type_id: type.id };
  await session.volume.get('/v3/qos-specs/{qos_id}/associate', { path: { qos_id: id }, query });
  return undefined;
}

async function disassociate(session: Session, input: CommandInput): Promise<undefined> {
  const type = input.text('volume-type');
  if (type === undefined && !input.flag('all')) throw new UsageError('Give --volume-type or --all.');
  const specs = await findQosSpecs(session, input.need('qos-spec'));
  const path = { qos_id: specs.id };
  if (type === undefined) {
    await session.volume.get('/v3/qos-specs/{qos_id}/disassociate_all', { path });
    return undefined;
  }
  const found = await findVolumeType(session, type);
  // The API takes an association that is not there in silence, which would hide a mistyped name.
  if (!(await associationsOf(session, specs)).includes(found.name)) {
    throw new CliError(`The volume type ${found.name} does not use ${specs.name}.`, 'See `saggar volume qos show`.');
  }
  await session.volume.get('/v3/qos-specs/{qos_id}/disassociate', { path, query: { vol_type_id: found.id } });
  return undefined;
}

const propertyOption = { flags: '--property <key=value>', about: 'spec; repeat for several', repeat: true } as const;

export const volumeQosCommands: readonly CommandRow[] = [
  {
    path: 'volume qos create',
    summary: 'Make QoS specs (administrators)',
    args: [{ name: 'name', about: 'name of the new specs' }],
    options: [
      { flags: '--consumer <who>', about: 'who keeps to them (both by default)', choices: consumers },
      propertyOption,
    ],
    example: 'saggar volume qos create --consumer front-end --property total_iops_sec=500 modest',
    output: 'one',
    run: createQos,
  },
  {
    path: 'volume qos list',
    summary: 'List QoS specs and the volume types that use them (administrators)',
    example: 'saggar volume qos list',
    output: 'many',
    run: listQos,
  },
  {
    path: 'volume qos show',
    summary: 'Show QoS specs (administrators)',
    args: [qosArgument],
    example: 'saggar volume qos show modest',
    output: 'one',
    run: showQos,
  },
  {
    path: 'volume qos set',
    summary: 'Change specs; what is attached keeps what it was given (administrators)',
    args: [qosArgument],
    options: [propertyOption, { flags: '--consumer <who>', about: 'who keeps to them', choices: consumers }],
    example: 'saggar volume qos set --property total_iops_sec=1000 modest',
    output: 'none',
    run: setQos,
  },
  {
    path: 'volume qos unset',
    summary: 'Remove specs (administrators)',
    args: [qosArgument],
    options: [{ flags: '--property <key>', about: 'spec to remove; repeat for several', repeat: true }],
    example: 'saggar volume qos unset --property total_iops_sec modest',
    output: 'none',
    run: unsetQos,
  },
  {
    path: 'volume qos delete',
    summary: 'Delete QoS specs (administrators)',
    args: [{ ...qosArgument, many: true }],
    options: [{ flags: '--force', about: 'also when volume types use them' }],
    example: 'saggar volume qos delete modest',
    output: 'none',
    run: deleteQos,
  },
  {
    path: 'volume qos associate',
    summary: 'Make a volume type use QoS specs (administrators)',
    args: [qosArgument, typeArgument],
    example: 'saggar volume qos associate modest fast',
    output: 'none',
    run: associate,
  },
  {
    path: 'volume qos disassociate',
    summary: 'Make a volume type, or all of them, use QoS specs no more (administrators)',
    args: [qosArgument],
    options: [
      { flags: '--volume-type <type>', about: 'only this volume type (name or ID)', conflicts: ['all'] },
      { flags: '--all', about: 'all volume types' },
    ],
    example: 'saggar volume qos disassociate --volume-type fast modest',
    output: 'none',
    run: disassociate,
  },
];

// What clients see of a flavor at the request's microversion. Pure.
import type { components } from '../../../api-spec/generated/compute.js';
import type { FlavorRecord } from '../../core/db/compute/flavors.js';
import type { Microversion } from '../shell/microversion.js';
import { has } from './microversions.js';
import { resourceLinks } from './server-view.js';

type Schemas = components['schemas'];

export function viewFlavorSummary(flavor: FlavorRecord, computeUrl: string): Schemas['FlavorSummary'] {
  return {
    id: flavor.id,
    name: flavor.name,
    links: resourceLinks(computeUrl, `flavors/${encodeURIComponent(flavor.id)}`),
  };
}

export function viewFlavor(flavor: FlavorRecord, computeUrl: string, version: Microversion): Schemas['Flavor'] {
  return {
    ...viewFlavorSummary(flavor, computeUrl),
    ram: flavor.ramMib,
    vcpus: flavor.vcpus,
    disk: flavor.diskGib,
    // Swap and ephemeral disks are local disks, which guests here do not have. No swap is the empty string at 2.1.
    swap: '',
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    'os-flavor-access:is_public': flavor.isPublic,
    rxtx_factor: 1,
    ...(has(version, 'flavor-description') ? { description: flavor.description } : {}),
  };
}

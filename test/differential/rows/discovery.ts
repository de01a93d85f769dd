// Versions, extensions, filters, zones: what a client asks before it does anything.
import type { Row } from '../row.js';

export const discoveryRows: readonly Row[] = [
  { name: 'versions without token', as: null, path: '/' },
  { name: 'versions with token', path: '/' },
  { name: 'versions with a version header', version: '3.70', path: '/' },
  { name: 'v3 with slash', path: '/v3/' },
  { name: 'v3 without slash', path: '/v3' },
  { name: 'v3 without token', as: null, path: '/v3/' },
  { name: 'v3 with project only', path: '/v3/{project-a}/' },
  { name: 'v3 with project only, no slash', path: '/v3/{project-a}' },
  { name: 'v2 is not served', path: '/v2/{project-a}/volumes' },
  { name: 'healthcheck', as: null, path: '/healthcheck' },
  { name: 'extensions', path: '/v3/extensions' },
  { name: 'extension by alias', path: '/v3/extensions/os-quota-sets' },
  { name: 'extension unknown', path: '/v3/extensions/no-such' },
  { name: 'zones', path: '/v3/os-availability-zone' },
  { name: 'zones detail', path: '/v3/os-availability-zone/detail' },
  { name: 'resource filters', version: '3.33', path: '/v3/resource_filters' },
  { name: 'resource filters of one', version: '3.33', path: '/v3/resource_filters?resource=volume' },
  { name: 'resource filters of none', version: '3.33', path: '/v3/resource_filters?resource=nope' },
  { name: 'resource filters below 3.33', version: '3.32', path: '/v3/resource_filters' },
];

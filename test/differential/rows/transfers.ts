// Transfers of volumes, on both of their paths.
import type { Row } from '../row.js';

const on = (base: string, tag: string): Row[] => {
  const ask = (name: string, method: string, rest: string, body?: unknown, more: Partial<Row> = {}): Row => ({
    name: `transfer (${tag}): ${name}`,
    method,
    path: `/v3${base}${rest}`,
    ...(body === undefined ? {} : { body }),
    ...more,
  });
  const at = (version: string): Partial<Row> => ({ version });
  const id = `transfer-${tag}`;
  return [
    ask('list empty', 'GET', ''),
    ask(
      'create',
      'POST',
      '',
      { transfer: { volume_id: '{named}', name: 'gift' } },
      {
        keep: { [id]: 'transfer.id', [`${id}-key`]: 'transfer.auth_key' },
        until: ['volumes', 'named', 'awaiting-transfer'],
      },
    ),
    ask('create again', 'POST', '', { transfer: { volume_id: '{named}' } }),
    ask('create missing', 'POST', '', { transfer: { volume_id: '{missing}' } }),
    ask('create nothing', 'POST', '', { transfer: {} }),
    ask('create no key', 'POST', '', {}),
    ask('create no uuid', 'POST', '', { transfer: { volume_id: 'x' } }),
    ask('create as reader', 'POST', '', { transfer: { volume_id: '{vol}' } }, { as: 'reader' }),
    ask('show', 'GET', `/{${id}}`),
    ask('show at 3.57', 'GET', `/{${id}}`, undefined, at('3.57')),
    ask('show missing', 'GET', '/{missing}'),
    ask('list', 'GET', ''),
    ask('list detail', 'GET', '/detail'),
    ask('list detail at 3.57', 'GET', '/detail', undefined, at('3.57')),
    ask('list page at 3.59', 'GET', '?limit=1', undefined, at('3.59')),
    ask('list all', 'GET', '/detail?all_tenants=1', undefined, { as: 'admin' }),
    ask('accept with wrong key', 'POST', `/{${id}}/accept`, { accept: { auth_key: 'x' } }, { as: 'bob' }),
    ask('accept nothing', 'POST', `/{${id}}/accept`, { accept: {} }, { as: 'bob' }),
    ask('accept missing', 'POST', '/{missing}/accept', { accept: { auth_key: 'x' } }, { as: 'bob' }),
    ask('volume cannot be deleted', 'DELETE', '/{missing}'),
    ask('delete', 'DELETE', `/{${id}}`, undefined, { until: ['volumes', 'named', 'available'] }),
    ask('delete again', 'DELETE', `/{${id}}`),
    ask(
      'create to accept',
      'POST',
      '',
      { transfer: { volume_id: '{named}', name: 'gift' } },
      {
        ...at('3.55'),
        keep: { [id]: 'transfer.id', [`${id}-key`]: 'transfer.auth_key' },
        until: ['volumes', 'named', 'awaiting-transfer'],
      },
    ),
    ask(
      'accept',
      'POST',
      `/{${id}}/accept`,
      { accept: { auth_key: `{${id}-key}` } },
      { as: 'bob', ...at('3.55'), until: ['volumes', 'named', 'available'] },
    ),
    ask('accept again', 'POST', `/{${id}}/accept`, { accept: { auth_key: `{${id}-key}` } }, { as: 'bob' }),
    ask(
      'given back: create',
      'POST',
      '',
      { transfer: { volume_id: '{named}' } },
      {
        as: 'bob',
        keep: { [`${id}-back`]: 'transfer.id', [`${id}-back-key`]: 'transfer.auth_key' },
        until: ['volumes', 'named', 'awaiting-transfer'],
      },
    ),
    ask(
      'given back: accept',
      'POST',
      `/{${id}-back}/accept`,
      { accept: { auth_key: `{${id}-back-key}` } },
      { until: ['volumes', 'named', 'available'] },
    ),
  ];
};

export const transferRows: readonly Row[] = [
  ...on('/os-volume-transfer', 'old'),
  ...on('/volume-transfers', 'new'),
  {
    name: 'transfer (new): create without snapshots',
    version: '3.55',
    method: 'POST',
    path: '/v3/volume-transfers',
    body: { transfer: { volume_id: '{named}', no_snapshots: true } },
    keep: { bare: 'transfer.id' },
  },
  {
    name: 'transfer (new): no_snapshots below 3.55',
    version: '3.54',
    method: 'POST',
    path: '/v3/volume-transfers',
    body: { transfer: { volume_id: '{vol}', no_snapshots: true } },
  },
  {
    name: 'transfer (new): its end',
    method: 'DELETE',
    path: '/v3/volume-transfers/{bare}',
    until: ['volumes', 'named', 'available'],
  },
];

// What differs because of how the peer is set up or how old it is, not because of what it does.
import type { KnownDifference } from './known-difference.js';

export const peerSetup: readonly KnownDifference[] = [
  {
    rows: ['operator: backup create'],
    aspects: ['status', 'header'],
    reason: 'the peer has a service for backups; beside this side runs no worker with a store',
  },
  {
    rows: ['version header "latest"'],
    aspects: ['header'],
    what: /^openstack-api-version$/,
    reason: "the peer's newest version is 3.70",
  },
  {
    rows: [
      'backup: list',
      'backup: list detail',
      'backup: list as reader',
      'backup: list page',
      'backup: list with count',
      'backup: list of all projects',
    ],
    aspects: ['key'],
    what: /^backups(\[\]|_links)$/,
    reason: 'the peer has the backup of an earlier row, which this side refused: no worker with a store is beside',
  },
  {
    rows: ['list ?name~=ne (3.34)', 'backup: list like'],
    aspects: ['status'],
    reason: "a Cinder whose operator lists name~ among the users' filters serves it; here everybody has it",
  },
  {
    rows: ['list ?limit=2&sort=name:asc'],
    aspects: ['type'],
    reason:
      'where names that are null stand is the choice of the database: last with PostgreSQL, first with MySQL and here',
  },
  {
    rows: [
      'attachment: update',
      'attachment: show connected',
      'attachment: show attached',
      'attachment: create connected',
    ],
    aspects: ['key'],
    what: /^attachment\.connection_info\./,
    reason: 'how to reach the storage is told to services only, never to members',
  },
  {
    rows: ['operator: pools detail'],
    aspects: ['key'],
    what: /\.(backend_state|location_info)$/,
    reason: "the peer's driver does not report them; Cinder's file drivers do",
  },
  {
    rows: ['create: at 3.70', 'create: unknown key at 3.52'],
    aspects: ['type'],
    what: /service_uuid$/,
    reason: 'placement is decided before the answer, not after it',
  },
];

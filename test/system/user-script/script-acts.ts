// The whole script: acts one after the other, the tracks of an act side by side. The long tracks come first, so that they do not end last.
import { backups } from './backup-tracks.js';
import { attachments, moves, volumesWithCinder } from './cinder-tracks.js';
import { consistencyGroups, movesInUse } from './group-tracks.js';
import { images } from './image-tracks.js';
import { lookAround, lookAroundWithCinder } from './look-around-tracks.js';
import { nothingLeft, operator } from './operator-tracks.js';
import { comePeople, goPeople } from './people-tracks.js';
import { messages, quotas, transfers } from './project-tracks.js';
import { servers } from './server-tracks.js';
import { qualities, types, typesWithCinder } from './type-tracks.js';
import type { Track } from './typed-command.js';
import { snapshots, volumes } from './volume-tracks.js';

export const acts: readonly (readonly Track[])[] = [
  [comePeople, lookAroundWithCinder, lookAround],
  [
    servers,
    volumesWithCinder,
    volumes,
    moves,
    movesInUse,
    consistencyGroups,
    backups,
    types,
    typesWithCinder,
    qualities,
    snapshots,
    transfers,
    quotas,
    attachments,
    messages,
    images,
  ],
  [operator],
  [goPeople, nothingLeft],
];

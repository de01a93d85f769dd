// Ids as Keystone issues them: 32 hex digits without dashes. Block-storage clients accept nothing else in a project's place.
import { randomUUID } from 'node:crypto';

export function newHexId(): string {
  return randomUUID().replaceAll('-', '');
}

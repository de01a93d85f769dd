// Our processes under the names that clients, monitoring and Cinder's documentation know. What Cinder has no name for keeps ours.
//
//   saggar-conductor  cinder-scheduler   it moves operations on; the choice of a pool is made in the API's transaction
//   saggar-volume     cinder-volume      one for each backend
//   saggar-backup     cinder-backup      listed only where one has reported itself
//   saggar-api        cinder-api         no service in Cinder's lists; its log level can be set

const cindersNames: Readonly<Record<string, string>> = {
  'saggar-api': 'cinder-api',
  'saggar-backup': 'cinder-backup',
  'saggar-conductor': 'cinder-scheduler',
  'saggar-volume': 'cinder-volume',
};

export function shownBinary(own: string): string {
  return cindersNames[own] ?? own;
}

/** Our name of a binary; one that nobody has stays as it is and is found nowhere. */
export function ownBinary(shown: string): string {
  return Object.entries(cindersNames).find(([, cinders]) => cinders === shown)?.[0] ?? shown;
}

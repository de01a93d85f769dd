// What Saggar does differently on purpose.
import type { KnownDifference } from './known-difference.js';

export const ownBehaviour: readonly KnownDifference[] = [
  {
    rows: [
      'consistency group: update as reader',
      'consistency group: snapshot as reader',
      'backup: restore as reader',
      'backup: delete as reader',
      'backup: export as member',
      'backup: import as member',
      'backup: reset as member',
      'backup: force delete as member',
    ],
    aspects: ['status'],
    reason: 'who may not act learns nothing about what is there',
  },
  {
    rows: ['consistency group: update nothing', 'consistency group: update nothing but nulls'],
    aspects: ['status'],
    reason: 'a change that says nothing is refused before anything is looked up',
  },
  {
    rows: ['backup: import nonsense'],
    aspects: ['header'],
    what: /^retry-after$/,
    reason: 'a 503 says when to ask again',
  },
  {
    rows: ['group: volume cannot be transferred'],
    aspects: ['status'],
    reason: 'Cinder looks at consistency groups only; here a volume of a group is not given away alone',
  },
  {
    rows: '*',
    aspects: ['header'],
    what: /^x-compute-request-id$/,
    reason: 'on every answer; Cinder leaves it out of some',
  },
  {
    rows: ['v3 without slash'],
    aspects: ['status', 'header', 'body'],
    reason: 'served at once; Cinder redirects to the path with a slash',
  },
  {
    rows: ['healthcheck'],
    aspects: ['status', 'header'],
    reason: 'one port serves all APIs: its health is asked at the root of the port',
  },
  {
    rows: ['zones detail', 'path /v3/volumes/%zz', 'method POST /v3/limits'],
    aspects: ['header', 'fault'],
    reason: 'a path that is not served gets the same 404 everywhere',
  },
  {
    rows: ['version header of another service', 'version header without service', 'version header in capitals'],
    aspects: ['status', 'header'],
    reason: "the API SIG's guideline: what names no version of this service asks for none",
  },
  {
    rows: ['version header "2.0"'],
    aspects: ['header'],
    reason: 'a refusal names the version that was asked for, whatever its major',
  },
  {
    rows: ['too large a body'],
    aspects: ['header', 'fault'],
    reason: "refused behind the router, so with Cinder's fault and version",
  },
  {
    rows: ['method HEAD /v3/volumes'],
    aspects: ['status', 'header'],
    reason: 'HEAD is served wherever GET is (RFC 9110)',
  },
  {
    rows: ['method HEAD /v3/volumes/{missing}'],
    aspects: ['header'],
    reason: 'HEAD is served wherever GET is (RFC 9110)',
  },
  {
    rows: ['method OPTIONS /v3/volumes', 'method OPTIONS /'],
    aspects: ['status', 'header', 'body'],
    reason: 'no browser asks here, so there is no CORS middleware that would answer',
  },
  { rows: ['method POST /'], aspects: ['status', 'header'], reason: 'the list of versions is read, not written' },
  { rows: ['path /v3//volumes'], aspects: ['status', 'header'], reason: 'an empty part of a path is not passed over' },
  { rows: ['create: two sources'], aspects: ['status'], reason: 'refused before anything is looked up' },
  {
    rows: ['metadata: replace with tag'],
    aspects: ['header'],
    what: /^etag$/,
    reason: 'the tag of what was written saves a read',
  },
  {
    rows: ['metadata: delete as reader'],
    aspects: ['status'],
    reason: 'who may not write learns nothing about what is there',
  },
  {
    rows: ['action: detach unknown'],
    aspects: ['status'],
    reason: 'what is not attached cannot be detached: 400',
  },
  {
    rows: ['quota show foreign'],
    aspects: ['status'],
    reason: 'a foreign project is not found, as everything foreign',
  },
  {
    rows: ['quota set: as text'],
    aspects: ['status'],
    reason: 'digits in quotes are taken as the number that they say',
  },
  { rows: ['type: specs add nothing'], aspects: ['status'], reason: 'an update that changes nothing is refused' },
  {
    rows: ['operator: service reason nothing'],
    aspects: ['status'],
    reason: 'disable-log-reason without a reason is refused',
  },
  {
    rows: ['operator: service verb unknown'],
    aspects: ['status', 'header'],
    reason: 'a verb that is not served is a path that is not served',
  },
  {
    rows: ['quota: large volume refused'],
    aspects: ['header'],
    what: /^retry-after$/,
    reason: 'tempest takes a 413 with it for rate limiting unless the text says exceed in small letters',
  },
];

// Which address a request counts for. Behind a proxy all requests come from the proxy's, so where proxies are named in the configuration,
// what they say counts (X-Forwarded-For, from its end to the first address that is none of theirs); what anybody else says does not.
import type { IncomingMessage } from 'node:http';
import { isIPv6 } from 'node:net';

interface WithIp extends IncomingMessage {
  /** Express's, by its setting `trust proxy`. */
  readonly ip?: string | undefined;
}

const MAX_KEY_LENGTH = 64;

/** One customer has a whole /64 of IPv6, so that counts as one address; an IPv4 address within IPv6 is itself. */
export function limitKeyOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const bare = address.split('%')[0] ?? '';
  // What a proxy passes on may be no address at all, and long: it is kept as a key.
  if (!isIPv6(bare)) return address.slice(0, MAX_KEY_LENGTH);
  const [head = '', tail] = bare.split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const middle =
    tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => '0');
  const groups = [...front, ...middle, ...back].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${groups.join(':')}::/64`;
}

/** Of a connection that is gone already: one key for all of them. */
export function clientAddress(request: IncomingMessage): string {
  const { ip } = request as WithIp;
  return limitKeyOf(ip ?? request.socket.remoteAddress ?? 'gone');
}

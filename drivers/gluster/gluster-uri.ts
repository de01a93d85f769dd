// Reads and writes QEMU's `gluster://` URIs: gluster, gluster+tcp, gluster+unix (with a socket), each with a host name, an IPv4
// address or an IPv6 address in brackets, with or without port, and directories in the image path. gluster+rdma is refused with
// the reason that QEMU gives. Never used to build QMP JSON: that takes the typed parts.
// Source: QEMU, block/gluster.c, qemu_gluster_parse_uri, and its documentation "GlusterFS disk images".
import { isIPv6 } from 'node:net';
import { ServiceError } from '../../services/core/domain/errors.js';

export type GlusterTransport = 'tcp' | 'unix';

export interface GlusterUri {
  readonly transport: GlusterTransport;
  /** IPv6 without brackets; '' for unix and for QEMU's default (localhost). */
  readonly host: string;
  /** null for glusterd's default, 24007. */
  readonly port: number | null;
  readonly glusterVolumeName: string;
  /** Path of the image file inside the Gluster volume, without a leading slash. */
  readonly imagePath: string;
  /** Path of glusterd's socket; only for unix. */
  readonly socket: string | null;
}

const schemes: Readonly<Record<string, GlusterTransport>> = {
  'gluster:': 'tcp',
  'gluster+tcp:': 'tcp',
  'gluster+unix:': 'unix',
};

/** The parts of a URI. Errors: `bad_request` with what is wrong. */
export function parseGlusterUri(text: string): GlusterUri {
  const match = /^([a-z+]+:)\/\/([^/?#]*)\/([^/?#]+)\/([^?#]+)(?:\?([^#]*))?$/.exec(text);
  if (text.startsWith('gluster+rdma:')) {
    throw refuse('rdma feature is not supported, falling back to tcp (QEMU); write gluster+tcp to mean it');
  }
  if (match === null) throw refuse('it is not gluster[+transport]://[host[:port]]/volume/path[?socket=...]');
  const [, scheme = '', authority = '', volume = '', imagePath = '', query = ''] = match;
  const transport = schemes[scheme];
  if (transport === undefined) throw refuse(`the transport of "${scheme}" is unknown`);
  const parts = { transport, glusterVolumeName: decode(volume), imagePath: decode(imagePath) };
  return transport === 'unix' ? parseUnix(parts, authority, query) : parseTcp(parts, authority, query);
}

type CommonParts = Pick<GlusterUri, 'transport' | 'glusterVolumeName' | 'imagePath'>;

function parseUnix(parts: CommonParts, authority: string, query: string): GlusterUri {
  if (authority !== '') throw refuse('a unix URI has no host');
  const match = /^socket=([^&]+)$/.exec(query);
  if (match === null) throw refuse('a unix URI needs exactly one parameter, socket');
  return { ...parts, host: '', port: null, socket: decode(match[1] ?? '') };
}

function parseTcp(parts: CommonParts, authority: string, query: string): GlusterUri {
  if (query !== '') throw refuse('a tcp URI takes no parameters');
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(\d+))?$/.exec(authority);
  if (match === null) throw refuse('the host is malformed (IPv6 addresses stand in brackets)');
  const [, ipv6, plainHost = '', portText] = match;
  if (ipv6 !== undefined && !isIPv6(ipv6)) throw refuse('the address in brackets is no IPv6 address');
  const port = portText === undefined ? null : Number(portText);
  if (port !== null && (port < 1 || port > 65_535)) throw refuse('the port is out of range');
  return { ...parts, host: ipv6 ?? decode(plainHost), port, socket: null };
}

/** The URI of the parts; `parseGlusterUri` reads back the same parts. */
export function formatGlusterUri(uri: GlusterUri): string {
  const imagePath = uri.imagePath.split('/').map(encodeURIComponent).join('/');
  const rest = `/${encodeURIComponent(uri.glusterVolumeName)}/${imagePath}`;
  if (uri.transport === 'unix')
    return `gluster+unix://${rest}?socket=${encodeURIComponent(uri.socket ?? '').replaceAll('%2F', '/')}`;
  const host = isIPv6(uri.host) ? `[${uri.host}]` : encodeURIComponent(uri.host);
  return `gluster://${host}${uri.port === null ? '' : `:${uri.port}`}${rest}`;
}

function decode(text: string): string {
  try {
    const plain = decodeURIComponent(text);
    if (!plain.includes('\0')) return plain;
  } catch {
    // falls through to the refusal
  }
  throw refuse('an escape sequence is malformed');
}

function refuse(reason: string): ServiceError {
  return new ServiceError('bad_request', `The gluster URI is not usable: ${reason}.`);
}

// Images of a Glance, asked for with the tokens that came with the request: what the caller sees there is what it may use here, and what it makes
// there counts against its own quota. The tokens stay in this closure for as long as the request lasts; they are in no context, log or row.
// Answers are kept for the request alone, so that an image that is looked at from several sides is asked for once.
// Source of paths, fields and answers: Glance's API reference v2 (images), 2.9.
import { readFile } from 'node:fs/promises';
import type { RemoteImage, RemoteImages, RemoteImageWish } from '../../core/db/block-storage/remote-images.js';
import { ServiceError } from '../../core/domain/errors.js';
import { isStorable } from '../../core/domain/storable-text.js';
import { ServiceHttp, type ServiceQuestion } from '../../core/openstack/service-http.js';
import type { GlanceConfig } from '../../core/runtime/config-types.js';
import type { HeaderReader } from '../auth/authenticate.js';

export interface GlanceService {
  imagesFor(header: HeaderReader): RemoteImages;
  close(): void;
}

/** Everything else at the top of an image is a property of its owner's. Source: Glance's schema of an image. */
const baseFields = new Set([
  ...[
    'id',
    'name',
    'status',
    'visibility',
    'protected',
    'checksum',
    'owner',
    'size',
    'virtual_size',
    'container_format',
  ],
  ...['disk_format', 'created_at', 'updated_at', 'tags', 'direct_url', 'min_ram', 'min_disk', 'self', 'file', 'schema'],
  ...['locations', 'os_hidden', 'os_hash_algo', 'os_hash_value', 'stores'],
]);

function offline(reason: string, cause?: unknown): ServiceError {
  return new ServiceError('image_service_offline', 'The image service is temporarily unavailable.', {
    context: { reason },
    cause,
  });
}

/** What the database could not keep is not there: others store what it does not. */
function text(value: unknown): string | null {
  return typeof value === 'string' && isStorable(value) ? value : null;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** null: the body is none of an image. */
function tryReadImage(body: unknown): RemoteImage | null {
  if (typeof body !== 'object' || body === null) return null;
  const image = body as Readonly<Record<string, unknown>>;
  const id = text(image['id']);
  const status = text(image['status']);
  if (id === null || status === null) return null;
  const properties = Object.entries(image).flatMap(([key, value]) => {
    const known = text(value);
    const isOwn = !baseFields.has(key) && !key.startsWith('os_glance') && key !== '__proto__' && isStorable(key);
    return isOwn && known !== null ? [[key, known] as const] : [];
  });
  return {
    ...{ id, status, name: text(image['name']), owner: text(image['owner']) ?? '' },
    visibility: text(image['visibility']) ?? 'private',
    container_format: text(image['container_format']),
    disk_format: text(image['disk_format']),
    min_disk: count(image['min_disk']) ?? 0,
    min_ram: count(image['min_ram']) ?? 0,
    size: count(image['size']),
    virtual_size: count(image['virtual_size']),
    checksum: text(image['checksum']),
    os_hash_algo: text(image['os_hash_algo']),
    os_hash_value: text(image['os_hash_value']),
    properties: Object.fromEntries(properties),
  };
}

/** What Glance said, as it words it for clients that take JSON; its pages for people say nothing more. */
function wordsOf(body: unknown): string {
  const said = (body as { message?: unknown } | undefined)?.message;
  return typeof said === 'string'
    ? said
        .replace(/<[^>]*>/g, ' ')
        .trim()
        .slice(0, 500)
    : 'The image service refuses it.';
}

function refusalOf(status: number, body: unknown): ServiceError {
  switch (status) {
    case 401:
      return new ServiceError('forbidden', 'The image service does not take the token.', { context: { status } });
    case 403:
      return new ServiceError('forbidden', wordsOf(body));
    case 413:
      return new ServiceError('over_quota', wordsOf(body));
    case 409:
      return new ServiceError('conflict', wordsOf(body));
    case 400:
      return new ServiceError('bad_request', wordsOf(body));
    default:
      return offline(`it answered ${status}`);
  }
}

class CallersImages implements RemoteImages {
  private readonly seen = new Map<string, Promise<RemoteImage | null>>();
  private readonly listed = new Map<string, Promise<readonly RemoteImage[]>>();

  constructor(
    private readonly http: ServiceHttp,
    private readonly tokens: Readonly<Record<string, string>>,
  ) {}

  private ask(question: ServiceQuestion): ReturnType<ServiceHttp['ask']> {
    return this.http.ask({ ...question, headers: this.tokens });
  }

  find(id: string): Promise<RemoteImage | null> {
    const asked = this.seen.get(id) ?? this.look(id);
    this.seen.set(id, asked);
    return asked;
  }

  private async look(id: string): Promise<RemoteImage | null> {
    const { status, body } = await this.ask({ method: 'GET', path: `/v2/images/${id}` });
    if (status === 404 || status === 403) return null;
    const image = status === 200 ? tryReadImage(body) : null;
    if (image === null) throw refusalOf(status, body);
    return image.id === id ? image : null;
  }

  named(name: string): Promise<readonly RemoteImage[]> {
    const asked = this.listed.get(name) ?? this.list(name);
    this.listed.set(name, asked);
    return asked;
  }

  private async list(name: string): Promise<readonly RemoteImage[]> {
    // Quoted, or a name with a comma or a colon in it would mean something else.
    const filter = new URLSearchParams({ name: `in:"${name.replaceAll('"', '')}"`, limit: '10' });
    const { status, body } = await this.ask({ method: 'GET', path: `/v2/images?${filter}` });
    const list = (body as { images?: unknown } | undefined)?.images;
    if (status !== 200 || !Array.isArray(list)) throw refusalOf(status, body);
    const images = list.map(tryReadImage).filter((image) => image !== null);
    return images.filter((image) => image.name === name).slice(0, 2);
  }

  async create(wish: RemoteImageWish): Promise<string> {
    const { status, body } = await this.ask({
      method: 'POST',
      path: '/v2/images',
      body: {
        // What the schema of an image knows by name is its own, whatever a volume's owner has written beside the volume.
        ...Object.fromEntries(Object.entries(wish.properties).filter(([key]) => !baseFields.has(key))),
        name: wish.name,
        disk_format: wish.diskFormat,
        container_format: wish.containerFormat,
        visibility: wish.visibility,
        protected: wish.isProtected,
      },
    });
    const image = status === 201 ? tryReadImage(body) : null;
    if (image === null) throw refusalOf(status, body);
    return image.id;
  }

  async withdraw(id: string): Promise<void> {
    const path = `/v2/images/${id}`;
    const contentType = 'application/openstack-images-v2.1-json-patch';
    const unprotect = [{ op: 'replace', path: '/protected', value: false }];
    try {
      const { status } = await this.ask({ method: 'DELETE', path });
      if (status !== 403) return;
      await this.ask({ method: 'PATCH', path, body: unprotect, contentType });
      await this.ask({ method: 'DELETE', path });
    } catch {
      // It stays without data, for its owner to delete.
    }
  }
}

/** Nothing is asked before the first request needs it. Throws when the file of the authority cannot be read. */
export async function openGlance(config: GlanceConfig): Promise<GlanceService> {
  const http = new ServiceHttp({
    baseUrl: config.url,
    ca: config.caFile === null ? null : await readFile(config.caFile, 'utf8'),
    timeoutMs: config.timeoutSeconds * 1000,
    offline,
  });
  return {
    imagesFor(header) {
      const sent = ['X-Auth-Token', 'X-Service-Token'].flatMap((name) => {
        const value = header(name);
        return value === undefined ? [] : [[name, value] as const];
      });
      return new CallersImages(http, Object.fromEntries(sent));
    },
    close: () => http.close(),
  };
}

// One run's connection to the cloud: logs in at the first call, once, and hands out a typed client per API. Commands get nothing
// else; they never see a password, and nothing here writes to stdout.
import type { paths as AdminPaths } from '../../api-spec/generated/admin.js';
import type { paths as BlockStoragePaths } from '../../api-spec/generated/block-storage.js';
import type { paths as ComputePaths } from '../../api-spec/generated/compute.js';
import type { paths as IdentityPaths } from '../../api-spec/generated/identity.js';
import type { paths as ImagePaths } from '../../api-spec/generated/image.js';
import type { AuthSettings } from './auth/auth-settings.js';
import { endpointsOf, findEndpoint, services, type WantedService } from './auth/catalog-endpoint.js';
import { identityRoot, type Login, logIn } from './auth/keystone-login.js';
import { ApiClient, type Microversion } from './http/api-client.js';
import { callHttp, type HttpAnswer, type HttpOptions, type HttpRequest, type TlsSettings } from './http/http-call.js';
import { type EndpointWish, readVersions, type ServiceVersion } from './http/service-versions.js';
import type { Progress } from './wait/progress.js';

/** The newest microversion whose shapes this client reads. */
const NEWEST_VOLUME_VERSION = '3.71';
/** A token that is refused sooner was not outlived: another one would fare no better. */
const RELOGIN_MS = 60_000;

export class Session {
  readonly volume: ApiClient<BlockStoragePaths>;
  readonly compute: ApiClient<ComputePaths>;
  readonly image: ApiClient<ImagePaths>;
  readonly identity: ApiClient<IdentityPaths>;
  readonly admin: ApiClient<AdminPaths>;
  private loginUnderWay: Promise<Login> | null = null;
  private loggedInAt = 0;

  constructor(
    private readonly readSettings: () => Promise<AuthSettings>,
    /** Microversions that the command line or the environment names; null lets clouds.yaml decide, then the client. */
    versions: { readonly volume: string | null; readonly compute: string | null },
    /** Where commands that wait show how it goes. */
    readonly progress: Progress,
    private readonly onExchange?: HttpOptions['onExchange'],
  ) {
    this.volume = this.client(services.volume, async () => {
      const chosen = versions.volume ?? (await this.readSettings()).volumeVersion;
      return { service: 'volume', newest: chosen ?? NEWEST_VOLUME_VERSION, fixed: chosen !== null };
    });
    this.compute = this.client(services.compute, async () => {
      const chosen = versions.compute ?? (await this.readSettings()).computeVersion;
      return chosen === null ? null : { service: 'compute', newest: chosen, fixed: true };
    });
    this.image = this.client(services.image, () => Promise.resolve(null));
    this.identity = this.client(services.identity, () => Promise.resolve(null));
    this.admin = this.client(services.admin, () => Promise.resolve(null));
  }

  /** Who we are, in which project, with which catalog. Errors: as of logIn. */
  login(): Promise<Login> {
    if (this.loginUnderWay !== null) return this.loginUnderWay;
    this.loggedInAt = performance.now();
    this.loginUnderWay = this.readSettings().then((settings) => logIn(settings, (request) => this.send(request)));
    return this.loginUnderWay;
  }

  /** Whether the catalog has the service at all, in our region: commands that show several services leave out what is not there. */
  async serves(name: keyof typeof services): Promise<boolean> {
    return endpointsOf(await this.login(), services[name], await this.readSettings()).length > 0;
  }

  /** The versions of every service of the catalog that answers the question; needs no token. */
  async versions(wish: EndpointWish = {}): Promise<readonly ServiceVersion[]> {
    const [login, settings] = await Promise.all([this.login(), this.readSettings()]);
    return readVersions(login, settings, wish, (request) => this.send(request));
  }

  /** How servers are to be trusted that are in no catalog, but that an API names. */
  async tls(): Promise<TlsSettings> {
    return (await this.readSettings()).tls;
  }

  /** Where the data of an image is sent and read, with a token for it: bulk bytes go past the client of the API. */
  async imageData(imageId: string): Promise<{ readonly url: string; readonly token: string }> {
    const [login, settings] = await Promise.all([this.login(), this.readSettings()]);
    const url = `${findEndpoint(login, services.image, settings)}/images/${encodeURIComponent(imageId)}/file`;
    return { url, token: login.token };
  }

  /** Ends a token before its time. */
  async revoke(token: string): Promise<void> {
    await this.identity.delete('/v3/auth/tokens', { headers: { 'x-subject-token': token } });
  }

  /** At most once a minute, so that a service which refuses every token is not asked for ever. */
  private async logInAgain(): Promise<boolean> {
    const settings = await this.readSettings();
    if (settings.credentials.method === 'token' || performance.now() - this.loggedInAt < RELOGIN_MS) return false;
    this.loginUnderWay = null;
    await this.login();
    return true;
  }

  private client<Paths>(wanted: WantedService, microversion: () => Promise<Microversion | null>): ApiClient<Paths> {
    return new ApiClient<Paths>({
      name: wanted.name,
      versionPath: wanted.versionPath,
      microversion,
      send: (request) => this.send(request),
      logInAgain: () => this.logInAgain(),
      endpoint: async () => {
        const login = await this.login();
        const settings = await this.readSettings();
        // The login itself went to the identity service, so it is known even when the catalog leaves it out.
        const known = wanted === services.identity && !login.catalog.some((entry) => entry.type === 'identity');
        const url = known ? identityRoot(settings.authUrl) : findEndpoint(login, wanted, settings);
        return { url, token: login.token };
      },
    });
  }

  private async send(request: HttpRequest): Promise<HttpAnswer> {
    const { tls } = await this.readSettings();
    return callHttp(request, { tls, ...(this.onExchange === undefined ? {} : { onExchange: this.onExchange }) });
  }
}

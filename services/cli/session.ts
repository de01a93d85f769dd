// One run's connection to the cloud: logs in at the first call, once, and hands out a typed client per API. Commands get nothing
// else; they never see a password, and nothing here writes to stdout.
import type { paths as BlockStoragePaths } from '../../api-spec/generated/block-storage.js';
import type { paths as ComputePaths } from '../../api-spec/generated/compute.js';
import type { paths as IdentityPaths } from '../../api-spec/generated/identity.js';
import type { AuthSettings } from './auth/auth-settings.js';
import { findEndpoint, services, type WantedService } from './auth/catalog-endpoint.js';
import { identityRoot, type Login, logIn } from './auth/keystone-login.js';
import { ApiClient } from './http/api-client.js';
import { callHttp, type HttpAnswer, type HttpOptions, type HttpRequest } from './http/http-call.js';
import type { Progress } from './wait/progress.js';

/** The newest microversion whose shapes this client reads. */
const NEWEST_VOLUME_VERSION = '3.71';
/** A token that is refused sooner was not outlived: another one would fare no better. */
const RELOGIN_MS = 60_000;

export class Session {
  readonly volume: ApiClient<BlockStoragePaths>;
  readonly compute: ApiClient<ComputePaths>;
  readonly identity: ApiClient<IdentityPaths>;
  private loginUnderWay: Promise<Login> | null = null;
  private loggedInAt = 0;

  constructor(
    private readonly readSettings: () => Promise<AuthSettings>,
    versions: { readonly volume: string | null; readonly compute: string | null },
    /** Where commands that wait show how it goes. */
    readonly progress: Progress,
    private readonly onExchange?: HttpOptions['onExchange'],
  ) {
    this.volume = this.client(services.volume, {
      service: 'volume',
      newest: versions.volume ?? NEWEST_VOLUME_VERSION,
      fixed: versions.volume !== null,
    });
    this.compute = this.client(
      services.compute,
      versions.compute === null ? null : { service: 'compute', newest: versions.compute, fixed: true },
    );
    this.identity = this.client(services.identity, null);
  }

  /** Who we are, in which project, with which catalog. Errors: as of logIn. */
  login(): Promise<Login> {
    if (this.loginUnderWay !== null) return this.loginUnderWay;
    this.loggedInAt = performance.now();
    this.loginUnderWay = this.readSettings().then((settings) => logIn(settings, (request) => this.send(request)));
    return this.loginUnderWay;
  }

  /** At most once a minute, so that a service which refuses every token is not asked for ever. */
  private async logInAgain(): Promise<boolean> {
    const settings = await this.readSettings();
    if (settings.credentials.method === 'token' || performance.now() - this.loggedInAt < RELOGIN_MS) return false;
    this.loginUnderWay = null;
    await this.login();
    return true;
  }

  private client<Paths>(
    wanted: WantedService,
    microversion: { readonly service: string; readonly newest: string; readonly fixed: boolean } | null,
  ): ApiClient<Paths> {
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

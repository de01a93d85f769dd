// What the handlers of the administration API need, gathered once at start.
import type { Database } from '../../core/db/connection.js';

export interface AdminApi {
  readonly database: Database;
}

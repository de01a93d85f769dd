// The backends that one volume worker serves, for work that reads the share of another one.
import type { VolumeDriver } from '../../drivers/volume-driver.js';
import { ServiceError } from '../core/domain/errors.js';

/** The drivers of all backends of this worker, by `host@backend`; filled while the worker starts. */
export type BackendDrivers = ReadonlyMap<string, VolumeDriver>;

/** Errors: `backend_offline` for one that this worker does not serve. */
export function otherDriver(drivers: BackendDrivers, backend: string): VolumeDriver {
  const driver = drivers.get(backend);
  if (driver !== undefined) return driver;
  // It may only not have started yet; one that never does ends the operation after some tries.
  throw new ServiceError('backend_offline', 'The backend of the source is not served by the same worker.', {
    context: { backend },
  });
}

// Begin and end of an HTTP server's listening, for every process that has one.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ListenConfig } from './config-types.js';

/** Resolves with what it listens on (port 0 has become a real one); rejects when the address cannot be had. */
export function listenOn(server: Server, { host, port }: ListenConfig): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

/** Breaks off what is under way. */
export function closeAtOnce(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

// Certificates for tests of TLS, made by openssl in a folder of the test's: of an authority, by it for a name, already expired, and of
// another authority that calls itself the same.
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

function openssl(folder: string, argv: readonly string[]): void {
  execFileSync('openssl', [...argv], { cwd: folder, stdio: 'ignore' });
}

export interface ServerCertificate {
  /** Paths of PEM files. */
  readonly certFile: string;
  readonly keyFile: string;
}

export interface Authority {
  readonly caFile: string;
  /** `name` is a subjectAltName: `DNS:localhost`, `IP:127.0.0.1`. Negative days: it has expired. */
  issue(name: string, days?: number): ServerCertificate;
}

/** Makes a certificate authority; its files in the folder begin with `word`. */
export function createAuthority(folder: string, word: string): Authority {
  const at = (name: string): string => path.join(folder, `${word}-${name}`);
  const [caFile, caKey] = [at('ca.pem'), at('ca.key')];
  openssl(folder, [
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    '/CN=test authority',
    '-keyout',
    caKey,
    '-out',
    caFile,
  ]);
  let count = 0;
  return {
    caFile,
    issue(name, days = 1) {
      count += 1;
      const [certFile, keyFile, request] = [at(`${count}.pem`), at(`${count}.key`), at(`${count}.csr`)];
      const subject = ['-subj', '/CN=server', '-addext', `subjectAltName=${name}`];
      openssl(folder, ['req', ...newKey, ...subject, '-keyout', keyFile, '-out', request]);
      const by = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-copy_extensions', 'copy'];
      openssl(folder, ['x509', '-req', '-in', request, ...by, '-days', String(days), '-out', certFile]);
      return { certFile, keyFile };
    },
  };
}

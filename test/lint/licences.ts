// Every npm package of the lock file has a licence that goes with Apache-2.0 and asks for nothing but its own text. A package with
// another one needs a decision, and a row here.
import { readFileSync } from 'node:fs';

const allowed = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'PSF-2.0',
  'Python-2.0',
]);

interface LockFile {
  /** By path below the project; '' is the project itself. */
  readonly packages: Readonly<Record<string, { readonly license?: string }>>;
}

/** An SPDX expression of names joined by OR or AND, as package-lock.json has them. */
function isAllowed(expression: string): boolean {
  const choices = expression.replaceAll(/[()]/g, '').split(' OR ');
  return choices.some((choice) => choice.split(' AND ').every((name) => allowed.has(name.trim())));
}

/** One line per package whose licence is missing or not in the list. */
export function findForeignLicences(file = 'package-lock.json'): readonly string[] {
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as LockFile;
  return Object.entries(packages)
    .filter(([place, { license }]) => place !== '' && (license === undefined || !isAllowed(license)))
    .map(([place, { license }]) => `${place}: ${license ?? 'no licence is stated'}`);
}

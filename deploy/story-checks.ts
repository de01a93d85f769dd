// Comparisons of the story: each throws with both values.
import { DeployError } from './deploy-error.js';

const CURE = 'this is a bug: keep the logs';

export function mustBe(what: string, seen: string, wanted: string): void {
  if (seen !== wanted) throw new DeployError(`${what}: wrong`, `'${seen}' instead of '${wanted}'`, CURE);
}

export function mustDiffer(what: string, one: string, other: string): void {
  if (one === other) throw new DeployError(`${what}: the same`, `'${one}' twice`, CURE);
}

/** `seen` counts something that must have gone on since it was `before`. */
export function mustHaveGrown(what: string, before: number, seen: number): void {
  if (seen <= before) throw new DeployError(`${what}: did not go on`, `${seen} after ${before}`, CURE);
}

export function mustContain(what: string, text: string, wanted: string): void {
  if (text.includes(wanted)) return;
  throw new DeployError(`${what}: wrong`, `no '${wanted}' in '${text.slice(-300)}'`, CURE);
}

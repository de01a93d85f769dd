// Trouble that comes and goes looks like health to whoever looks at the wrong moment. For each share and code it is remembered when the
// finding came; one that comes again and again within a while is told as such until it has kept still for as long. Pure but for the clock.
//
//   quiet --came--> there --gone--> quiet      each coming is kept for the window; the third one within it says "comes and goes"
import type { HealthFinding } from '../volume-driver.js';

const WINDOW_MS = 15 * 60_000;
const COMINGS = 3;
/** Findings about settings do not flap; these tell of things that run. */
const watched = /^(bricks|quorum|heal|share|servers|mount)\./;

interface Seen {
  readonly there: boolean;
  /** Times at which it came. */
  readonly came: readonly number[];
}

export class FindingHistory {
  private readonly seen = new Map<string, Seen>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  /** The findings of one look at the share, with a finding more for each that comes and goes. */
  note(share: string, findings: readonly HealthFinding[]): readonly HealthFinding[] {
    const now = this.now();
    const present = new Set(findings.map(({ code }) => code).filter((code) => watched.test(code)));
    const known = [...this.seen.keys()].filter((key) => key.startsWith(`${share} `));
    const codes = new Set([...present, ...known.map((key) => key.slice(share.length + 1))]);
    const flapping: HealthFinding[] = [];
    for (const code of codes) {
      const { there, came } = this.seen.get(`${share} ${code}`) ?? { there: false, came: [] };
      const isThere = present.has(code);
      const recent = [...came, ...(isThere && !there ? [now] : [])].filter((at) => now - at < WINDOW_MS);
      if (!isThere && recent.length === 0) this.seen.delete(`${share} ${code}`);
      else this.seen.set(`${share} ${code}`, { there: isThere, came: recent });
      if (recent.length >= COMINGS) flapping.push(flapsFinding(code, recent.length));
    }
    return [...findings, ...flapping];
  }
}

function flapsFinding(code: string, times: number): HealthFinding {
  return {
    code: 'flapping',
    severity: 'warning',
    text: `${code} has come ${times} times within ${WINDOW_MS / 60_000} minutes`,
    cure: 'look for what restarts or loses its network again and again: the log of glusterd and of the bricks, and the switch',
  };
}

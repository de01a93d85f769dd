// How many streams of bulk bytes a worker serves at the same time, of all and of one project, so that nobody keeps the others out by opening many.
// Who finds no place is told to come again, and comes again.

export interface StreamLimits {
  readonly maxStreams: number;
  readonly maxStreamsOfProject: number;
}

export class StreamPlaces {
  private taken = 0;
  private readonly takenBy = new Map<string, number>();

  constructor(private readonly limits: StreamLimits) {}

  /** Whether there is a place for one more of the project; null: of a project that is not known, which has the common limit alone. */
  hasRoom(project: string | null): boolean {
    const { maxStreams, maxStreamsOfProject } = this.limits;
    if (this.taken >= maxStreams) return false;
    return project === null || (this.takenBy.get(project) ?? 0) < maxStreamsOfProject;
  }

  /** Holds a place while `work` runs. */
  async during(project: string | null, work: () => Promise<void>): Promise<void> {
    this.taken += 1;
    if (project !== null) this.takenBy.set(project, (this.takenBy.get(project) ?? 0) + 1);
    try {
      await work();
    } finally {
      this.taken -= 1;
      if (project !== null) this.giveBack(project);
    }
  }

  private giveBack(project: string): void {
    const left = (this.takenBy.get(project) ?? 1) - 1;
    if (left > 0) this.takenBy.set(project, left);
    else this.takenBy.delete(project);
  }
}

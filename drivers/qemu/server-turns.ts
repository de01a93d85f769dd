// One thing at a time for each server: what is begun for a server waits until what was begun for it before has ended, well or not.
export class ServerTurns {
  private readonly last = new Map<string, Promise<unknown>>();

  take<T>(serverId: string, work: () => Promise<T>): Promise<T> {
    const done = (this.last.get(serverId) ?? Promise.resolve()).then(work);
    const settled = done.catch(() => undefined);
    this.last.set(serverId, settled);
    void settled.then(() => {
      if (this.last.get(serverId) === settled) this.last.delete(serverId);
    });
    return done;
  }

  isTaken(serverId: string): boolean {
    return this.last.has(serverId);
  }

  /** Waits for what has been begun so far; never throws. */
  async whenOver(): Promise<void> {
    await Promise.all(this.last.values());
  }
}

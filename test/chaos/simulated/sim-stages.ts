// Several stages side by side, each with a database and an API of its own: while one waits for its database, another decides. A seed is played
// on one stage from its beginning to its end, so that it does the same as alone.
import { type PlayedSeed, SimStage } from './sim-stage.js';

/** More than processors, since a stage waits half of its time. */
const STAGES = 3;

export class SimStages {
  private constructor(private readonly stages: readonly SimStage[]) {}

  static async open(count = STAGES): Promise<SimStages> {
    // The first makes the template of the databases.
    const first = await SimStage.open();
    const others = await Promise.all(Array.from({ length: count - 1 }, () => SimStage.open()));
    return new SimStages([first, ...others]);
  }

  /** The seeds from `first` on; `hear` is told of each when it was played, in any order. */
  async play(first: number, count: number, hear: (played: PlayedSeed) => void): Promise<void> {
    let next = first;
    const work = async (stage: SimStage): Promise<void> => {
      while (next < first + count) {
        const seed = next;
        next += 1;
        hear(await stage.play(seed));
      }
    };
    await Promise.all(this.stages.map(work));
  }

  async close(): Promise<void> {
    for (const stage of this.stages.slice(1)) await stage.close('keep');
    await this.stages[0]?.close();
  }
}

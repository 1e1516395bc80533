/** How many may be at work, and how many of one owner may wait for it. */
export interface TurnLimits {
  atWork: number;
  waitingPerOwner: number;
}

/** Heavy work in turns: one piece per owner at a time, few of all owners, the others in the order in which they came. */
export class Turns {
  readonly #waiting: { owner: string; start: () => void }[] = [];
  readonly #atWork = new Set<string>();

  constructor(private readonly limits: TurnLimits) {}

  /** Does `work` when its turn has come. Answers null, and does nothing, when too much of this owner waits already. */
  take<Result>(owner: string, work: () => Promise<Result>): Promise<Result> | null {
    const waitingCount = this.#waiting.filter((one) => one.owner === owner).length;
    if (waitingCount >= this.limits.waitingPerOwner) return null;
    const turn = new Promise<void>((start) => this.#waiting.push({ owner, start }));
    this.#advance();
    return turn.then(work).finally(() => {
      this.#atWork.delete(owner);
      this.#advance();
    });
  }

  #advance(): void {
    while (this.#atWork.size < this.limits.atWork) {
      const index = this.#waiting.findIndex(({ owner }) => !this.#atWork.has(owner));
      if (index < 0) return;
      const [next] = this.#waiting.splice(index, 1);
      this.#atWork.add(next!.owner);
      next!.start();
    }
  }
}

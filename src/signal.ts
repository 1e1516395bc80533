/** Something that one loop waits for and others announce. Announcing before anyone waits is remembered, once. */
export class Signal {
  #announced = false;
  #wake: (() => void) | undefined;

  announce(): void {
    this.#announced = true;
    this.#wake?.();
  }

  /** Resolves once it is announced, or after `timeoutMs`. One loop waits at a time. */
  async wait(timeoutMs?: number): Promise<void> {
    if (!this.#announced) {
      await new Promise<void>((resolve) => {
        const timer = timeoutMs === undefined ? undefined : setTimeout(resolve, timeoutMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
    this.#announced = false;
  }
}

// Calls that may have to wait, such as those of an iterator's `next`: served in order, and at once while none waits.

export class OrderedCalls<Result extends object> {
  readonly #attempt: () => Result | undefined;
  readonly #wait: () => Promise<void>;
  /** Calls that have not settled. */
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `attempt` returns `undefined` if there is nothing yet, and `wait` then waits until it is worth another attempt. */
  constructor(attempt: () => Result | undefined, wait: () => Promise<void>) {
    this.#attempt = attempt;
    this.#wait = wait;
  }

  call(): Promise<Result> {
    if (this.#waiting === 0) {
      try {
        const result = this.#attempt();
        if (result) return Promise.resolve(result);
      } catch (error) {
        return Promise.reject(error as Error);
      }
    }
    this.#waiting += 1;
    const result = this.#last.then(() => this.#serve()).finally(() => (this.#waiting -= 1));
    this.#last = result.catch(() => undefined);
    return result;
  }

  async #serve(): Promise<Result> {
    for (;;) {
      const result = this.#attempt();
      if (result) return result;
      await this.#wait();
    }
  }
}

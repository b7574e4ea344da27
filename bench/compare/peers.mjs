// The processes of the peers.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('peer.mjs', import.meta.url));

/** A peer in a process of its own, which serves one request at a time. */
export class Peer {
  /** How the process ended, if it has. */
  ended;
  #child;
  #waiting;
  #gone;

  constructor(name) {
    this.name = name;
    this.#child = fork(PROGRAM, [name], { execArgv: ['--expose-gc', '--max-old-space-size=8192'] });
    this.ready = this.#next();
    this.#child.on('message', ({ result, error }) => {
      if (error === undefined) this.#waiting.resolve(result);
      else this.#waiting.reject(new Error(`${name}: ${error}`));
    });
    this.#gone = once(this.#child, 'exit').then(([code, signal]) => {
      this.ended = `it ended while it was measured (${signal ?? `exit code ${code}`})`;
      this.#waiting.reject(new Error(`${name}: ${this.ended}`));
    });
  }

  /** Sends a request and returns its result. */
  ask(task, details = {}) {
    const answer = this.#next();
    if (this.#child.connected) this.#child.send({ task, ...details });
    else this.#gone.then(() => this.#waiting.reject(new Error(`${this.name}: ${this.ended}`)));
    return answer;
  }

  /** Like `ask`, but returns nothing if the process ends by itself, as some do now and then; the others carry on. */
  async try(task, details) {
    try {
      return await this.ask(task, details);
    } catch (error) {
      if (this.ended === undefined) throw error;
      return undefined;
    }
  }

  /** Ends the process if it is still running. */
  async end() {
    if (this.#child.connected) {
      await this.try('close');
      this.#child.kill();
    }
    await this.#gone;
  }

  #next() {
    const answer = new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    // A caller that awaits it learns of a failure; until then a rejection is not an error.
    answer.catch(() => {});
    return answer;
  }
}

// The peers' processes.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('peer.mjs', import.meta.url));

/** A peer in a process of its own, which does one thing at a time. */
export class Peer {
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
      this.#waiting.reject(new Error(`${name} ended (${signal ?? `exit code ${code}`})`));
    });
  }

  /** Has it do something; what that gave. */
  ask(task, details = {}) {
    const answer = this.#next();
    if (this.#child.connected) this.#child.send({ task, ...details });
    else this.#waiting.reject(new Error(`${this.name} has ended`));
    return answer;
  }

  /** Ends it, if it has not ended. */
  async end() {
    if (this.#child.connected) {
      await this.ask('close');
      this.#child.kill();
    }
    await this.#gone;
  }

  #next() {
    const answer = new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    // Whoever awaits it hears of a failure; that nobody awaits it yet is none.
    answer.catch(() => {});
    return answer;
  }
}

// The secrets of the page: a token that opens it once, and one for each page that was opened.
import { randomBytes, timingSafeEqual } from 'node:crypto';

const BYTES = 24;
/** How long an address opens the page. */
const OPENS_MS = 5 * 60 * 1000;
/** More pages than this are not open at once: the oldest one has to be opened again. */
const MOST = 32;

interface Opening {
  readonly token: string;
  readonly until: number;
}

export class Tokens {
  #openings: Opening[] = [];
  readonly #sessions: string[] = [];

  /** Returns a token that can be exchanged once. */
  newOpening(now: number = Date.now()): string {
    const token = randomBytes(BYTES).toString('base64url');
    this.#openings = [...this.#openings.filter(({ until }) => until > now), { token, until: now + OPENS_MS }].slice(-MOST);
    return token;
  }

  /** Returns the token of a session in exchange for one that opens the page; `undefined` if that is not valid, or not any more. */
  exchange(opening: string, now: number = Date.now()): string | undefined {
    const found = this.#openings.find(({ token }) => areEqual(token, opening));
    if (found === undefined) return undefined;
    this.#openings = this.#openings.filter((each) => each !== found);
    if (found.until <= now) return undefined;
    const session = randomBytes(BYTES).toString('base64url');
    this.#sessions.push(session);
    if (this.#sessions.length > MOST) this.#sessions.shift();
    return session;
  }

  isSession(token: string): boolean {
    return this.#sessions.filter((session) => areEqual(session, token)).length > 0;
  }
}

/** Takes as long for every text of the same length. */
function areEqual(ours: string, theirs: string): boolean {
  const [a, b] = [Buffer.from(ours), Buffer.from(theirs)];
  return a.length === b.length && timingSafeEqual(a, b);
}

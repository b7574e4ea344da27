// What no message may show: passwords, user names, addresses with them.

/** Where options of the client libraries have credentials. */
const CREDENTIALS = ['username', 'password', 'sentinelUsername', 'sentinelPassword'];
/** Where they have addresses, or options of other connections. */
const NESTED = ['url', 'defaults', 'redisOptions', 'rootNodes', 'sentinels'];
/** A server that knows no AUTH or HELLO answers with its arguments. */
const UNKNOWN_COMMAND = /(ERR unknown command\b(?: ['`][\w|.-]*['`])?)[^\n]*/g;
/** A text of fewer units is part of many words. */
const SHORT = 4;
const LONE_SURROGATES = /[\u{D800}-\u{DFFF}]/gu;

export class Secrets {
  readonly #texts = new Set<string>();

  /** Adds the credentials in an address, in options of a client library, or in several of these. */
  addFrom(source: unknown): void {
    if (typeof source === 'string') this.#addAddress(source);
    else if (Array.isArray(source)) for (const one of source as unknown[]) this.addFrom(one);
    else if (typeof source === 'object' && source !== null) {
      const options = source as Record<string, unknown>;
      for (const name of CREDENTIALS) if (typeof options[name] === 'string') this.#add(options[name]);
      for (const name of NESTED) this.addFrom(options[name]);
    }
  }

  redact(text: string): string {
    let clean = text.replace(UNKNOWN_COMMAND, '$1');
    // Longest first: a password may be part of the address.
    for (const secret of [...this.#texts].sort((a, b) => b.length - a.length)) {
      clean = secret.length < SHORT ? clean.replace(standingAlone(secret), '[redacted]') : clean.replaceAll(secret, '[redacted]');
    }
    return clean;
  }

  /** Adds a text as it is, and with and without the escapes of addresses. */
  #add(text: string): void {
    if (text === '') return;
    for (const form of [text, decoded(text), encodeURIComponent(text.replace(LONE_SURROGATES, '\ufffd'))]) this.#texts.add(form);
  }

  #addAddress(address: string): void {
    if (!address.includes('@')) return;
    this.#add(address);
    // As it was written and as a URL has it: a password may have an unescaped "@".
    const written = /^[^/]*:\/\/([^/?#]*)@/.exec(address)?.[1] ?? '';
    const colon = written.indexOf(':');
    const { username = '', password = '', href = '' } = parsed(address) ?? {};
    this.#add(href);
    for (const text of [colon < 0 ? written : written.slice(0, colon), colon < 0 ? '' : written.slice(colon + 1), username, password]) this.#add(text);
  }
}

/** Returns the parts of an address; undefined if it is no URL. */
export function parsed(address: string): URL | undefined {
  try {
    return new URL(address);
  } catch {
    return undefined;
  }
}

/** Returns the text without escapes, or as it is if they are wrong. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function standingAlone(secret: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}])${secret.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\p{L}\\p{N}])`, 'gu');
}

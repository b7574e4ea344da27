// Which requests are answered. The server holds what is in shared memory, and every web site that a browser on this machine
// shows, and every other user of the machine, can send it requests.
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { Tokens } from './tokens.js';

/** The address that holds the token, in its fragment: the only one to which a link of another site may lead. */
export const OPENING_PATH = '/open';
export const SESSION_PATH = '/api/session';

/** Of every answer. */
export const HEADERS: OutgoingHttpHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cache-Control': 'no-store',
};

/** Why a request is not answered. */
export interface Refusal {
  readonly status: number;
  readonly reason: string;
}

export interface Guard {
  readonly port: number;
  readonly tokens: Tokens;
  /** Whether requests that change something are answered. */
  readonly readWrite: boolean;
}

/** Returns why a request is not answered; `undefined` if it is. */
export function refusalOf(request: IncomingMessage, path: string, guard: Guard): Refusal | undefined {
  return refusalByOrigin(request, path, guard) ?? refusalByMethod(request, path, guard) ?? (path.startsWith('/api/') ? refusalByToken(request, path, guard) : undefined);
}

// A page of a name that was made to lead here sends that name. A page of another site sends its origin, or that it is one.
function refusalByOrigin({ headers, method }: IncomingMessage, path: string, { port }: Guard): Refusal | undefined {
  // Browsers leave out the port of the web.
  const host = port === 80 ? '127.0.0.1' : `127.0.0.1:${port}`;
  if (headers.host !== host) return { status: 421, reason: `this is ${host}` };
  if (headers.origin !== undefined && headers.origin !== `http://${host}`) return { status: 403, reason: 'another origin' };
  const site = headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
  const isLink = method === 'GET' && path === OPENING_PATH && headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
  return isLink ? undefined : { status: 403, reason: 'another site' };
}

function refusalByMethod({ method }: IncomingMessage, path: string, { readWrite }: Guard): Refusal | undefined {
  if (method === 'GET') return undefined;
  const isChange = method === 'POST' && path.startsWith('/api/');
  return readWrite && isChange ? undefined : { status: 405, reason: readWrite ? 'GET, or POST to change something' : 'GET only: start with --read-write to change something' };
}

// Another site cannot send a header of ours without a question beforehand, which is never answered.
function refusalByToken({ headers }: IncomingMessage, path: string, { tokens }: Guard): Refusal | undefined {
  if (headers['x-shmkit'] !== '1') return { status: 403, reason: 'a header is missing' };
  if (path === SESSION_PATH || tokens.isSession(bearerOf(headers.authorization))) return undefined;
  return { status: 401, reason: 'no session' };
}

/** Returns the token that a request brings, or an empty text. */
export function bearerOf(authorization: string | undefined): string {
  return /^Bearer ([\w-]{1,100})$/.exec(authorization ?? '')?.[1] ?? '';
}

// The session of this page: the token in the address is exchanged once, for one that stays in this tab.
const STORED = 'shmkit-session';
const OPENING_PATH = '/open';

export interface Session {
  readonly token: string;
  readonly readWrite: boolean;
}

/** The server answered with a failure, or not at all. */
export class CallError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code?: string,
  ) {
    super(message);
  }
}

let current: Session | undefined;

/** Opens the session; `undefined` if this tab has none. */
export async function openSession(): Promise<Session | undefined> {
  const opening = location.pathname === OPENING_PATH ? location.hash.slice(1) : '';
  if (opening !== '') {
    // Out of the address, so that it is in no history, and before anything can fail.
    history.replaceState(null, '', '/');
    const { session, readWrite } = (await call('/api/session', {}, { token: opening })) as { session: string; readWrite: boolean };
    current = { token: session, readWrite };
    sessionStorage.setItem(STORED, JSON.stringify(current));
    return current;
  }
  const stored = sessionStorage.getItem(STORED);
  current = stored === null ? undefined : (JSON.parse(stored) as Session);
  return current;
}

export function forgetSession(): void {
  sessionStorage.removeItem(STORED);
}

interface CallOptions {
  readonly token?: string;
  readonly signal?: AbortSignal;
  /** What to send, for a call that changes something. */
  readonly body?: object;
}

/** Calls the server and returns what it answers. */
export async function call<T = unknown>(path: string, parameters: Record<string, string> = {}, options: CallOptions = {}): Promise<T> {
  const response = await send(path, parameters, options);
  return (await response.json()) as T;
}

/** Calls the server and yields the lines of its answer, parsed. */
export async function* callForLines<T>(path: string, parameters: Record<string, string>, signal: AbortSignal): AsyncGenerator<T> {
  const { body } = await send(path, parameters, { signal });
  if (body === null) return;
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as T;
  }
}

async function send(path: string, parameters: Record<string, string>, { token = current?.token ?? '', signal, body }: CallOptions): Promise<Response> {
  const query = new URLSearchParams(parameters).toString();
  const headers: Record<string, string> = { Authorization: `Bearer ${token}`, 'X-Shmkit': '1', ...(body !== undefined && { 'Content-Type': 'application/json' }) };
  const init = { headers, signal: signal ?? null, credentials: 'omit', ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }) } as const;
  const response = await fetch(query === '' ? path : `${path}?${query}`, init).catch((error: unknown) => {
    if (signal?.aborted) throw error;
    throw new CallError(0, 'shmkit inspect does not answer: it has ended, or is busy');
  });
  if (response.ok) return response;
  const { error, code } = (await response.json()) as { error: string; code?: string };
  throw new CallError(response.status, error, code);
}

// The server of the page: listens on this machine only, and answers what the guard lets pass.
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { once } from 'node:events';
import { codeOf, EXIT, Failure } from '../cli/failure.js';
import type { Inspector, InspectorOptions } from '../cli/inspecting.js';
import { Refused, send, sendJson } from './answer.js';
import { loadAssets } from './assets.js';
import { bodyOf } from './body.js';
import { bearerOf, type Guard, OPENING_PATH, refusalOf, SESSION_PATH } from './guard.js';
import { READS, STREAMS, WRITES, type Surroundings } from './routes.js';
import { Tokens } from './tokens.js';

/** A key of the greatest length, as an address has it, and more. */
const LONGEST_HEAD = 1024 * 1024;
const MOST_CONNECTIONS = 64;

/** Starts the server. */
export async function startInspector({ shell, port, readWrite }: InspectorOptions): Promise<Inspector> {
  const tokens = new Tokens();
  const assets = loadAssets(path.join(__dirname, 'inspector'));
  const server = http.createServer({ maxHeaderSize: LONGEST_HEAD, requestTimeout: 30_000, headersTimeout: 10_000 });
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const guard: Guard = { port: (server.address() as AddressInfo).port, tokens, readWrite };
  const surroundings: Surroundings = { shell, readWrite };
  server.on('request', (request, response) => {
    void answer(request, response, guard, (address) => {
      const asset = assets.get(address.pathname);
      return asset === undefined ? undefined : () => send(response, 200, asset.type, asset.body);
    }, surroundings);
  });
  return {
    port: guard.port,
    newAddress: () => `http://127.0.0.1:${guard.port}${OPENING_PATH}#${tokens.newOpening()}`,
    async close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

type FindAsset = (address: URL) => (() => void) | undefined;

async function answer(request: IncomingMessage, response: ServerResponse, guard: Guard, findAsset: FindAsset, surroundings: Surroundings): Promise<void> {
  try {
    const address = addressOf(request);
    const refusal = refusalOf(request, address.pathname, guard);
    if (refusal !== undefined) throw new Refused(refusal.status, refusal.reason);
    const sendAsset = findAsset(address);
    if (sendAsset !== undefined) sendAsset();
    else if (address.pathname === SESSION_PATH) exchange(request, response, guard);
    else await call(request, response, address, surroundings);
  } catch (error) {
    refuse(response, error);
  }
}

function addressOf({ url = '/' }: IncomingMessage): URL {
  try {
    if (url.startsWith('/') && !url.startsWith('//')) return new URL(url, 'http://127.0.0.1');
  } catch {
    // Not an address.
  }
  throw new Refused(400, 'not an address of this server');
}

function exchange(request: IncomingMessage, response: ServerResponse, { tokens, readWrite }: Guard): void {
  const session = tokens.exchange(bearerOf(request.headers.authorization));
  if (session === undefined) throw new Refused(401, 'this address was used before, or is too old');
  sendJson(response, 200, { session, readWrite });
}

async function call(request: IncomingMessage, response: ServerResponse, { pathname, searchParams }: URL, surroundings: Surroundings): Promise<void> {
  if (request.method === 'POST') {
    const write = WRITES.get(pathname);
    if (write === undefined) throw new Refused(404, 'there is no such call');
    return sendJson(response, 200, await write(surroundings, await bodyOf(request)));
  }
  const stream = STREAMS.get(pathname);
  if (stream !== undefined) return stream(surroundings, searchParams, response);
  const read = READS.get(pathname);
  if (read === undefined) throw new Refused(404, 'there is no such page');
  const left = new AbortController();
  response.on('close', () => left.abort());
  const result = await read(surroundings, searchParams, left.signal);
  if (!left.signal.aborted) sendJson(response, 200, result);
}

/** By the codes of the package: what is not there, and what the caller gave wrongly; all else is a failure on this side. */
const STATUS: Record<string, number> = { ERR_SHM_NOT_FOUND: 404, ERR_SHM_INVALID_NAME: 400, ERR_INVALID_ARG_TYPE: 400, ERR_INVALID_ARG_VALUE: 400, ERR_OUT_OF_RANGE: 400 };

/** Failures of the command line, whose code the calls share. */
const BY_EXIT_CODE: ReadonlyMap<number, number> = new Map([
  [EXIT.no, 404],
  [EXIT.usage, 400],
]);

function refuse(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const code = codeOf(error);
  const status = error instanceof Refused ? error.status : error instanceof Failure ? (BY_EXIT_CODE.get(error.exitCode) ?? 500) : (STATUS[code ?? ''] ?? 500);
  // The rest of a body that was refused is not read.
  if (status === 413) response.setHeader('Connection', 'close');
  sendJson(response, status, { error: error instanceof Error ? error.message : String(error), code });
}

// The bodies of requests: JSON, and short.
import type { IncomingMessage } from 'node:http';
import { Refused } from './answer.js';

const MOST_BYTES = 256 * 1024;

/** Returns the object that a request brings. */
export async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  if (request.headers['content-type'] !== 'application/json') throw new Refused(415, 'the body has to be application/json');
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) throw tooLarge();
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > MOST_BYTES) throw tooLarge();
    parts.push(part as Buffer);
  }
  return parsed(Buffer.concat(parts).toString());
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Not JSON.
  }
  throw new Refused(400, 'the body has to be an object in JSON');
}

function tooLarge(): Refused {
  return new Refused(413, `the body has more than ${MOST_BYTES} bytes`);
}

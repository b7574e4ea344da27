// The changes of a dictionary as they happen, in batches. Needs a handle that can write: a watcher marks itself there.
import type { ServerResponse } from 'node:http';
import type { DictEvent } from 'shmkit';
import { openToWrite } from '../cli/dict.js';
import { Hottest } from '../cli/hottest.js';
import { Turns } from '../cli/turns.js';
import { beginLines, Refused } from './answer.js';
import { textOf } from './parameters.js';
import type { Stream } from './routes.js';

const BATCH_MS = 250;
/** Of one batch; a page cannot show more. The others are counted. */
const MOST_EVENTS = 100;
const MOST_STREAMS = 8;
const LONGEST_KEY = 1000;
const SHOWN_HOT = 20;

let streams = 0;

export const streamChanges: Stream = async ({ shell, readWrite }, parameters, response) => {
  if (!readWrite) throw new Refused(403, 'changes need a dictionary that is open for writing: start with --read-write');
  if (streams >= MOST_STREAMS) throw new Refused(503, 'too many pages show changes');
  const dict = openToWrite(shell, textOf(parameters, 'name'));
  const left = new AbortController();
  response.on('close', () => left.abort());
  streams += 1;
  try {
    const prefix = parameters.get('prefix') ?? '';
    const events = dict.watch({ signal: left.signal, ...(prefix !== '' && { prefix }) });
    const batches = new Batches(response);
    const turns = new Turns();
    try {
      for await (const event of events) {
        batches.add(event);
        await turns.take();
      }
    } catch (error) {
      batches.fail(error);
    } finally {
      batches.end();
    }
  } finally {
    streams -= 1;
    dict.close();
  }
};

/** Sends what has come every quarter of a second. A page that reads slowly gets less of it. */
class Batches {
  readonly #response: ServerResponse;
  readonly #send: (value: unknown) => boolean;
  readonly #timer: NodeJS.Timeout;
  readonly #hottest = new Hottest();
  #events: object[] = [];
  #total = 0;
  #missed = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.#send = beginLines(response);
    this.#timer = setInterval(() => this.#flush(), BATCH_MS);
    this.#flush();
  }

  add(event: DictEvent): void {
    this.#total += 1;
    if (event.key !== undefined) this.#hottest.add(event.key);
    if (event.type === 'overflow') this.#missed += event.missed ?? 0;
    if (this.#events.length >= MOST_EVENTS) return;
    this.#events.push({ at: Date.now(), type: event.type, key: event.key?.slice(0, LONGEST_KEY), version: event.version, missed: event.missed });
  }

  fail(error: unknown): void {
    this.#flush();
    this.#send({ error: error instanceof Error ? error.message : String(error) });
  }

  end(): void {
    clearInterval(this.#timer);
    this.#response.end();
  }

  #flush(): void {
    if (this.#response.writableNeedDrain) return;
    const hot = this.#hottest.ranked(SHOWN_HOT).map(({ key, ...counts }) => ({ key: key.slice(0, LONGEST_KEY), ...counts }));
    this.#send({ total: this.#total, missed: this.#missed, events: this.#events, hot });
    this.#events = [];
  }
}

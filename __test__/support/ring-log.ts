// Messages that name their sender and number, and checks of the logs of their receivers.
import fs from 'node:fs';
import type { ExecutionContext } from 'ava';

/** How many messages a receiver has taken and not logged at most. */
export const BATCH = 16;

/** Returns message number `number` of a sender: 16 to 1,500 bytes that can be checked. */
export function makeMessage(sender: number, number: number): Buffer {
  const message = Buffer.alloc(16 + ((number * 7919 + sender * 31) % 1485), (sender + number) % 251);
  message.writeDoubleLE(sender, 0);
  message.writeDoubleLE(number, 8);
  return message;
}

/** Returns `sender number` of a message; throws if it is garbled. */
export function readMessage(message: Buffer): string {
  const [sender, number] = [message.readDoubleLE(0), message.readDoubleLE(8)];
  if (!message.equals(makeMessage(sender, number))) throw new Error(`message ${number} of ${sender} is garbled`);
  return `${sender} ${number}`;
}

/** What all receivers logged. */
export interface Received {
  /** How many messages. */
  readonly total: number;
  /** How many were never logged, up to the last of each sender that was. */
  readonly missing: number;
  /** One more than the highest number of each sender. */
  readonly ends: Map<number, number>;
}

/** Checks that each message was received at most once, and that each receiver got those of a sender in order. */
export function checkLogs(t: ExecutionContext<unknown>, logs: string[]): Received {
  const all = new Map<number, Set<number>>();
  for (const log of logs) {
    const last = new Map<number, number>();
    for (const line of fs.readFileSync(log, 'utf8').split('\n').slice(0, -1)) {
      const [sender, number] = line.split(' ').map(Number) as [number, number];
      const seen = all.get(sender) ?? new Set<number>();
      all.set(sender, seen);
      if (seen.has(number)) t.fail(`message ${number} of ${sender} was received twice`);
      if (number <= (last.get(sender) ?? -1)) t.fail(`message ${number} of ${sender} came after ${last.get(sender)}`);
      seen.add(number);
      last.set(sender, number);
    }
  }
  const ends = new Map([...all].map(([sender, seen]) => [sender, [...seen].reduce((most, number) => Math.max(most, number), -1) + 1]));
  const total = [...all.values()].reduce((sum, seen) => sum + seen.size, 0);
  return { total, missing: [...ends.values()].reduce((sum, end) => sum + end, 0) - total, ends };
}

// shmkit ring: the state of one ring, and its oldest messages.
import type { Command } from 'commander';
import { api } from '../api.js';
import { usage } from '../failure.js';
import { showFigures } from '../figures.js';
import { countOf } from '../format.js';
import { act, declare, type Shell } from '../shell.js';

interface RingCommandOptions {
  readonly peek?: boolean;
  readonly limit: string;
  readonly raw?: boolean;
}

export function addRing(program: Command): void {
  declare(program, 'ring <name>', 'show the state of a ring, or its oldest messages; takes no message')
    .option('--peek', 'show messages, the oldest first, and leave them there')
    .option('--limit <n>', 'with --peek: at most this many messages', '10')
    .option('--raw', 'with --peek: the bytes of the messages, one after another, as they are')
    .action(act(ring));
}

async function ring(shell: Shell, { peek, limit, raw = false }: RingCommandOptions, name: string): Promise<void> {
  if (raw && !peek) throw usage('--raw needs --peek');
  const opened = api().SharedRing.open(name, { ...shell.place, readOnly: true });
  try {
    if (peek) {
      await showMessages(shell, opened.tryReceiveMany(countOf(limit), { peek: true }), raw);
      return;
    }
    const { takeovers, ...stats } = opened.stats();
    await showFigures(shell, { ...stats, senderTakeovers: takeovers.senders, receiverTakeovers: takeovers.receivers }, 'ring', name);
  } finally {
    opened.close();
  }
}

async function showMessages({ out }: Shell, messages: readonly Buffer[], raw: boolean): Promise<void> {
  if (raw) {
    for (const message of messages) await out.write(message);
    return;
  }
  if (out.json) {
    for (const message of messages) await out.document(textIn(message) ?? message);
    return;
  }
  await out.table(messages, [
    { title: 'BYTES', right: true, text: ({ length }) => String(length) },
    { title: 'MESSAGE', text: shown, cuts: true },
  ]);
}

/** Returns the message as text, or as hexadecimal digits, like values of keys. */
function shown(message: Buffer): string {
  return textIn(message) ?? `0x${message.toString('hex')}`;
}

/** Returns the text that a message is, or undefined for bytes that are no UTF-8. */
function textIn(message: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(message);
  } catch {
    return undefined;
  }
}

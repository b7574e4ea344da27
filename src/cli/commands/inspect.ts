// shmkit inspect: a web page of all objects, for a browser on this machine.
import type { Command } from 'commander';
import { usage } from '../failure.js';
import { countOf } from '../format.js';
import { inspecting, type Inspector } from '../inspecting.js';
import { act, declare, type Shell } from '../shell.js';
import { Ending } from '../ending.js';
import { openInBrowser } from '../inspect/browser.js';

interface Options {
  port: string;
  open?: boolean;
  readWrite?: boolean;
}

export function addInspect(program: Command): void {
  declare(program, 'inspect', 'show all objects on a web page for a browser on this machine')
    .option('--port <n>', 'the port; 0: one that is free', '0')
    .option('--open', 'open the page in a browser')
    .option('--read-write', 'allow changes of entries, and show changes as they happen')
    .addHelpText('after', '\nListens on 127.0.0.1 only. Each address that it prints opens the page once, within five minutes.')
    .action(act(inspect));
}

async function inspect(shell: Shell, { port, open = false, readWrite = false }: Options): Promise<number> {
  const number = portOf(port);
  const ending = new Ending();
  const inspector = await inspecting().startInspector({ shell, port: number, readWrite });
  const remove = open ? openInBrowser(inspector.newAddress(), shell) : () => {};
  try {
    if (!open) await print(shell, inspector);
    const isAsked = process.stdin.isTTY && !shell.quiet;
    shell.note(isAsked ? 'shmkit: Enter prints another address, Ctrl+C ends' : 'shmkit: Ctrl+C ends');
    if (isAsked) process.stdin.on('data', () => void print(shell, inspector));
    await ending.reached;
    return ending.exitCode;
  } finally {
    remove();
    process.stdin.pause();
    await inspector.close();
    ending.dispose();
  }
}

function portOf(text: string): number {
  const port = countOf(text);
  if (port > 65_535) throw usage(`--port takes 0 to 65535; not "${text}"`);
  return port;
}

async function print(shell: Shell, inspector: Inspector): Promise<void> {
  const address = inspector.newAddress();
  if (shell.out.json) await shell.out.document({ address, port: inspector.port });
  else await shell.out.line(address);
  await shell.out.flush();
}

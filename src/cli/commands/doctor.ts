// shmkit doctor: looks at the machine and says what to do.
import type { Command } from 'commander';
import { aboutBinary, isLoaded } from '../doctor/binary.js';
import type { Finding } from '../doctor/finding.js';
import { aboutLinux, aboutSpace } from '../doctor/linux.js';
import { aboutDirectory, aboutObjects, directoryOf, existing } from '../doctor/objects.js';
import { escapeText } from '../escape.js';
import { EXIT } from '../failure.js';
import { paddedEnd } from '../format.js';
import { act, declare, type Shell } from '../shell.js';

export function addDoctor(program: Command): void {
  declare(program, 'doctor', 'examine this machine and say what to do about what was found').action(act(doctor));
}

async function doctor(shell: Shell): Promise<number> {
  const binary = aboutBinary();
  const directory = directoryOf(shell);
  const findings = [
    ...binary,
    ...(process.platform === 'linux' ? aboutLinux() : []),
    ...(directory === undefined ? [] : aboutSpace(existing(directory))),
    ...aboutDirectory(shell),
    ...(isLoaded(binary) ? aboutObjects(shell) : []),
  ];
  if (shell.out.json) await shell.out.document(findings);
  else for (const finding of findings) await print(shell, finding);
  return findings.some(({ level }) => level === 'problem') ? EXIT.no : EXIT.done;
}

const COLORS = { ok: 32, note: 33, problem: 31 } as const;

async function print(shell: Shell, { level, about, text, advice }: Finding): Promise<void> {
  if (shell.quiet && level === 'ok') return;
  if (!shell.out.terminal) return shell.out.line([level, about, text, advice ?? ''].map(escapeText).join('\t'));
  await shell.out.line(`${shell.out.paint(COLORS[level], paddedEnd(level, 8))} ${paddedEnd(about, 10)} ${escapeText(text)}`);
  if (advice !== undefined) await shell.out.line(`${' '.repeat(20)}-> ${advice}`);
}

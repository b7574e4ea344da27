// Which C library this process runs on: two binaries for Linux differ in it.
//
// Reads two local files at most, which takes microseconds. It starts no program, and asks `process.report` for nothing:
// where Node cannot leave the network out of a report, making one asks the DNS for the peer of every open socket, and
// blocks for seconds.
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';

export type Libc = 'glibc' | 'musl';

const HEAD = 4096;
const ELF_MAGIC = 0x7f454c46;
const ELF_64_LITTLE_ENDIAN = 0x0201;
const PT_INTERP = 3;

/** Returns the C library of this process, or `undefined` if that cannot be found out. */
export function libcOfProcess(): Libc | undefined {
  return fromInterpreter('/proc/self/exe') ?? fromMappings('/proc/self/maps') ?? fromInterpreter(process.execPath);
}

/** Goes by the dynamic loader that an executable names. Node started through a loader, `ld.so node`, names none. */
function fromInterpreter(executable: string): Libc | undefined {
  const interpreter = attempt(() => interpreterOf(executable));
  if (interpreter === undefined) return undefined;
  return interpreter.includes('/ld-musl-') ? 'musl' : 'glibc';
}

/** Goes by the libraries that are mapped. */
function fromMappings(maps: string): Libc | undefined {
  const text = attempt(() => readFileSync(maps, 'latin1')) ?? '';
  // Debian's musl is called libc.so, which in glibc is a script for linkers that no process maps.
  if (/\/(ld-musl-[^/\n]*|libc\.musl-[^/\n]*|libc\.so)$/m.test(text)) return 'musl';
  return /\/(libc\.so\.6|libc-2\.\d+\.so)$/m.test(text) ? 'glibc' : undefined;
}

/** Returns the path in an ELF file's program header PT_INTERP; `undefined` without one. The format: `man 5 elf`. */
function interpreterOf(file: string): string | undefined {
  const descriptor = openSync(file, 'r');
  try {
    const head = bytesAt(descriptor, 0, HEAD);
    if (head.readUInt32BE(0) !== ELF_MAGIC || head.readUInt16BE(4) !== ELF_64_LITTLE_ENDIAN) return undefined;
    const size = head.readUInt16LE(54);
    const headers = bytesAt(descriptor, Number(head.readBigUInt64LE(32)), size * head.readUInt16LE(56));
    for (let at = 0; at < headers.length; at += size) {
      if (headers.readUInt32LE(at) !== PT_INTERP) continue;
      return bytesAt(descriptor, Number(headers.readBigUInt64LE(at + 8)), HEAD).toString('latin1').split('\0', 1)[0];
    }
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}

function bytesAt(descriptor: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(descriptor, bytes, 0, length, position));
}

// A file that is missing, unreadable (as under Node's permission model) or not what it should be leaves the question open.
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

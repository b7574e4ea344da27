// Keeps what comes only once, so that it can be read more than once.
import fs from 'node:fs';
import { type FileHandle, open, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';

/** What came, in a temporary file. */
export interface Spool {
  /** Returns a stream of it from its beginning. */
  read(): Readable;
  /** Removes it. */
  close(): Promise<void>;
}

/** Bytes that are read at a time. */
const CHUNK = 65_536;

/** Reads all of a stream. Where the system allows it, even a process that is killed leaves no temporary file behind. */
export async function spool(input: Readable): Promise<Spool> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-load-'));
  const file = await openedIn(folder);
  const readers: Readable[] = [];
  const close = async () => {
    // A reader that is not at the end must not find its file closed.
    for (const reader of readers) reader.destroy();
    await file.close();
    remove(folder);
  };
  try {
    await writeFile(file, input);
  } catch (error) {
    await close();
    throw error;
  }
  const read = () => {
    const reader = Readable.from(chunksOf(file));
    readers.push(reader);
    return reader;
  };
  return { read, close };
}

async function* chunksOf(file: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, position);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    position += bytesRead;
  }
}

/** Returns a new file, which has no name any more where an open file can lose it. */
async function openedIn(folder: string): Promise<FileHandle> {
  try {
    return await open(path.join(folder, 'dump'), 'wx+', 0o600);
  } finally {
    tryRemove(folder);
  }
}

function tryRemove(folder: string): void {
  try {
    remove(folder);
  } catch {
    // Removed when the file is closed.
  }
}

function remove(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
}

// Moves the memory of a view to a new buffer.

/** Returns a view of the memory; the given one is left without any. Later versions of Node.js do not post such memory. */
export function transferred(view: Uint8Array): Uint8Array {
  const { buffer } = view as unknown as { buffer: ArrayBuffer & { transfer?: () => ArrayBuffer } };
  return buffer.transfer === undefined ? structuredClone(view, { transfer: [buffer] }) : new Uint8Array(buffer.transfer());
}

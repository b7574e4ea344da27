// The slot of a key in a cluster: CRC16 of the part in braces, or of all of the name if it has none.

export const SLOTS = 16_384;

const TABLE = new Uint16Array(256).map((_, index) => {
  let crc = index << 8;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80_00 ? (crc << 1) ^ 0x10_21 : crc << 1;
  return crc;
});

/** Returns the slot of a key's name on the server. */
export function slotOf(name: string): number {
  const open = name.indexOf('{');
  const close = open < 0 ? -1 : name.indexOf('}', open + 1);
  const hashed = close > open + 1 ? name.slice(open + 1, close) : name;
  let crc = 0;
  for (const byte of Buffer.from(hashed)) crc = ((crc << 8) & 0xff_ff) ^ (TABLE[(crc >> 8) ^ byte] as number);
  return crc % SLOTS;
}

/** Returns a set of slots as bits, for ranges like those in CLUSTER NODES: `0-5460`, `7`. */
export function slotSet(ranges: string[]): Buffer {
  const bits = Buffer.alloc(SLOTS / 8);
  for (const range of ranges) {
    const [first = NaN, last = first] = range.split('-').map(Number);
    for (let slot = first; slot <= Math.min(last, SLOTS - 1); slot += 1) bits[slot >> 3] = (bits[slot >> 3] as number) | (1 << (slot & 7));
  }
  return bits;
}

export function hasSlot(set: Buffer, slot: number): boolean {
  return ((set[slot >> 3] as number) & (1 << (slot & 7))) !== 0;
}

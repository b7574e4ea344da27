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

/** A server and its slots, as ranges like those in CLUSTER NODES: `0-5460`, `7`. */
export interface SlotOwner {
  /** What the server calls the run of its process. */
  readonly run: string;
  readonly ranges: readonly string[];
}

/** The ranges of a server that has everything. */
export const ALL_SLOTS: readonly string[] = [`0-${SLOTS - 1}`];

/** Which server has which slot. */
export class SlotTable {
  readonly #runs: string[] = [];
  /** Indices into the runs, from 1; 0: none. */
  readonly #owners = new Uint16Array(SLOTS);

  /** Reads what `slotText` has written. */
  constructor(text: string) {
    for (const owner of text === '' ? [] : text.split(';')) {
      const [run = '', ranges = ''] = owner.split('=');
      const index = this.#runs.push(run);
      for (const range of ranges.split(',')) {
        const [first = NaN, last = first] = range.split('-').map(Number);
        this.#owners.fill(index, first, last + 1);
      }
    }
  }

  /** Returns the run of the server that has a slot; undefined if none has. */
  ownerOf(slot: number): string | undefined {
    return this.#runs[(this.#owners[slot] as number) - 1];
  }
}

/** Returns a text for which server has which slot. */
export function slotText(owners: SlotOwner[]): string {
  return owners.filter(({ ranges }) => ranges.length > 0).map(({ run, ranges }) => `${run}=${ranges.join()}`).join(';');
}

// Segments, relative to a copy within JavaScript's own memory plus a native call that does nothing.
import { SharedSegment } from 'shmkit';
import { floor } from '../floor.mjs';
import { against, keep } from '../measure.mjs';

const BYTES = 65_536;
const PLACES = Array.from({ length: 16 }, (_, index) => index * BYTES);

export const title = 'Segments: 64 KiB at 16 places; the floor is Buffer.copy and an empty native call';

export async function run(options) {
  const own = Buffer.alloc(PLACES.length * BYTES, 1);
  const block = Buffer.alloc(BYTES, 2);
  const segment = SharedSegment.from(own);
  const compare = (name, functions) => against(name, PLACES.length, 1.2, functions, options);
  const rows = [
    ...(await compare('segment.write, 64 KiB', {
      floor: () => {
        for (const place of PLACES) {
          keep(floor.has('key'));
          keep(block.copy(own, place));
        }
      },
      ours: () => {
        for (const place of PLACES) keep(segment.write(block, place));
      },
    })),
    ...(await compare('segment.readInto, 64 KiB', {
      floor: () => {
        for (const place of PLACES) {
          keep(floor.has('key'));
          keep(own.copy(block, 0, place, place + BYTES));
        }
      },
      ours: () => {
        for (const place of PLACES) keep(segment.readInto(block, place));
      },
    })),
    ...(await compare('segment.read, 64 KiB', {
      floor: () => {
        for (const place of PLACES) {
          keep(floor.has('key'));
          const copy = Buffer.allocUnsafe(BYTES);
          own.copy(copy, 0, place, place + BYTES);
          keep(copy);
        }
      },
      ours: () => {
        for (const place of PLACES) keep(segment.read(place, BYTES));
      },
    })),
  ];
  segment.close();
  return rows;
}

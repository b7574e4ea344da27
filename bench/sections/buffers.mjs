// Large binary values, relative to their floor: the difference is one copy.
import { floor } from '../floor.mjs';
import { against, keep } from '../measure.mjs';
import { filled, keysOf } from '../table.mjs';

const BYTES = 65_536;
const KEYS = keysOf(16);

export const title = 'Buffers of 64 KiB; 16 keys';

export async function run(options) {
  const { dict } = filled(KEYS, (_, index) => Buffer.alloc(BYTES, index + 1), { size: '4mb' });
  const target = Buffer.alloc(BYTES);
  const compare = (name, functions) => against(name, KEYS.length, 1.2, functions, options);
  return [
    ...(await compare('get, Buffer of 64 KiB', {
      floor: () => {
        for (const key of KEYS) keep(floor.getBuffer(key));
      },
      ours: () => {
        for (const key of KEYS) keep(dict.get(key));
      },
    })),
    ...(await compare('getInto, 64 KiB', {
      floor: () => {
        for (const key of KEYS) keep(floor.getInto(key, target, 0));
      },
      ours: () => {
        for (const key of KEYS) keep(dict.getInto(key, target));
      },
    })),
  ];
}

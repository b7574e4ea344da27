// Functions that do nothing but cross into native code; bench/floor/src/lib.rs describes each.
import { createRequire } from 'node:module';

export const floor = createRequire(import.meta.url)('../build/floor.node');

// The functions that do nothing but cross into native code; bench/floor/src/lib.rs says what each does.
import { createRequire } from 'node:module';

export const floor = createRequire(import.meta.url)('../build/floor.node');

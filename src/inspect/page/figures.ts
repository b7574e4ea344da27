// What the server tells of objects, and rates from figures that only grow.
import type { Timed } from './poll.js';

export type Figures = Readonly<Record<string, number>>;

export interface SizeClass {
  readonly blockSize: number;
  readonly pages: number;
  readonly used: number;
  readonly free: number;
}

export interface Summary {
  readonly kind: string;
  readonly name: string;
  readonly size: number;
  readonly entries?: number;
  /** What `entries` counts. */
  readonly counts: string;
  readonly processes: readonly number[];
  readonly stale: boolean;
  readonly figures?: Figures;
}

export interface Objects extends Timed {
  readonly objects: readonly Summary[];
}

export interface Holder {
  readonly pid: number;
  readonly since?: number;
  readonly permits?: number;
}

export interface LockRequest {
  readonly name: string;
  readonly mode: string;
  readonly pid: number;
  readonly since: number;
}

export interface Claim {
  readonly id: string;
  readonly pid: number;
  readonly since: number;
  readonly attempts: number;
}

export interface Detail extends Timed, Omit<Summary, 'figures'> {
  readonly path: string;
  readonly figures?: Figures & { readonly perClass?: readonly SizeClass[] };
  readonly holder?: Holder | null;
  readonly holders?: readonly Holder[];
  readonly held?: readonly LockRequest[];
  readonly pending?: readonly LockRequest[];
  readonly claims?: readonly Claim[];
  readonly more?: number;
}

/** Figures at a time of the server's clock, in milliseconds. */
export interface Sample {
  readonly at: number;
  readonly figures: Figures;
}

/** Returns by how much a figure grew per second; `undefined` if it became smaller: the object is another one. */
export function rateOf(before: Sample | undefined, after: Sample, ...names: readonly string[]): number | undefined {
  if (before === undefined || after.at <= before.at) return undefined;
  let grown = 0;
  for (const name of names) {
    const difference = (after.figures[name] ?? 0) - (before.figures[name] ?? 0);
    if (difference < 0) return undefined;
    grown += difference;
  }
  return (grown * 1000) / (after.at - before.at);
}

// What `util.inspect`, and so `console.log`, shows of an object: facts that are cheap to know, never a wait, and nothing
// that counts in statistics.
import { ShmError } from '../addon/errors.js';

/** The method that `util.inspect` calls; the same symbol in every realm and in other runtimes. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

type InspectOptions = import('node:util').InspectOptionsStylized;
type InspectFunction = typeof import('node:util').inspect;
type Facts = Record<string, unknown>;

/** By the prototype of their class. */
const describers = new Map<object, (subject: never) => Facts>();

/** Sets what is shown of the objects of a class: these facts, after those of the class that it extends. */
export function showInspected<Subject extends object>(prototype: Subject, factsOf: (subject: Subject) => Facts): void {
  describers.set(prototype, factsOf);
}

/** Lets `util.inspect` show the objects of a class and of those that extend it. */
export function makeInspectable(prototype: object): void {
  Object.defineProperty(prototype, INSPECT, {
    value(this: object, depth: number, options: InspectOptions, inspect: InspectFunction) {
      return inspected(this, depth, options, inspect);
    },
    writable: true,
    configurable: true,
  });
}

function inspected(subject: object, depth: number, options: InspectOptions, inspect: InspectFunction): string {
  const title = subject.constructor.name;
  if (depth < 0) return options.stylize(`[${title}]`, 'special');
  return `${title} ${inspect(allFacts(subject), { ...options, depth: options.depth === null || options.depth === undefined ? null : options.depth - 1 })}`;
}

function allFacts(subject: object): Facts {
  const all: Facts[] = [];
  for (let level: object | null = Object.getPrototypeOf(subject); level !== null; level = Object.getPrototypeOf(level)) {
    all.unshift(describers.get(level)?.(subject as never) ?? {});
  }
  return Object.assign({}, ...all) as Facts;
}

/** Returns the facts, or what keeps them from being known, such as that the object was replaced. */
export function ifKnown(factsOf: () => Facts): Facts {
  try {
    return factsOf();
  } catch (error) {
    if (!(error instanceof ShmError)) throw error;
    return error.code === 'ERR_SHM_RETIRED' ? { retired: true } : { error: error.code };
  }
}

/** Leaves out what is false: flags are shown if they are set. */
export function flags(all: Record<string, boolean>): Facts {
  return Object.fromEntries(Object.entries(all).filter(([, isSet]) => isSet));
}

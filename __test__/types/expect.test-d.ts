// Assertions about types: equality, in both directions.

/** `true` if the two types are the same. */
export type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for `true`. */
export function expectType<T extends true>(): T | undefined {
  return undefined;
}

/** Compiles only for a value of this type. */
export function is<T>(value: NoInfer<T>): T {
  return value;
}

expectType<Same<string, string>>();
// @ts-expect-error a type test that accepted everything would prove nothing
expectType<Same<string, number>>();
// @ts-expect-error any is not the same as anything
expectType<Same<string, ReturnType<typeof JSON.parse>>>();
// @ts-expect-error a value of another type
is<number>('text');

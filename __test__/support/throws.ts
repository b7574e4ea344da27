// Assertions about the errors of this package.
import type { ExecutionContext } from 'ava';
import { ShmError, type ShmErrorCode } from 'shmkit';

type Coded = Error & { code?: string };

/** Asserts that the call throws a ShmError with this code and a message; returns it. */
export function throwsShm(t: ExecutionContext<unknown>, call: () => unknown, code: ShmErrorCode | ShmErrorCode[]): ShmError {
  const error = t.throws(call, { instanceOf: ShmError }) as ShmError;
  t.true([code].flat().includes(error.code), `${error.code}: ${error.message}`);
  t.true(error instanceof Error);
  t.true(error.message.length > 0);
  return error;
}

/** Like `throwsShm`, for a promise. */
export async function rejectsShm(t: ExecutionContext<unknown>, promise: PromiseLike<unknown>, code: ShmErrorCode): Promise<ShmError> {
  const error = (await t.throwsAsync(promise, { instanceOf: ShmError })) as ShmError;
  t.is(error.code, code, error.message);
  return error;
}

/** Asserts that the call throws a TypeError with ERR_INVALID_ARG_TYPE. */
export function throwsArgType(t: ExecutionContext<unknown>, call: () => unknown, message?: string): void {
  const error = t.throws(call, { instanceOf: TypeError }, message) as Coded;
  t.is(error?.code, 'ERR_INVALID_ARG_TYPE', message);
}

/** Asserts that the call throws a RangeError or TypeError about the value, not the type, of an argument. */
export function throwsArgValue(t: ExecutionContext<unknown>, call: () => unknown, message?: string): void {
  const error = t.throws(call, undefined, message) as Coded;
  t.true(error instanceof RangeError || error instanceof TypeError, `${message ?? ''} ${error}`);
  t.true(['ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE'].includes(error?.code ?? ''), `${message ?? ''} ${error?.code}`);
}

/** Asserts that the call throws an error about the type or the value of an argument. */
export function throwsArgument(t: ExecutionContext<unknown>, call: () => unknown, message?: string): void {
  const error = t.throws(call, undefined, message) as Coded;
  t.true(error instanceof RangeError || error instanceof TypeError, `${message ?? ''} ${error}`);
  t.true(
    ['ERR_INVALID_ARG_TYPE', 'ERR_INVALID_ARG_VALUE', 'ERR_OUT_OF_RANGE'].includes(error?.code ?? ''),
    `${message ?? ''} ${error?.code}`,
  );
}

import { ShmError, type ShmErrorCode } from 'shmkit';
import { expectType, is, type Same } from './expect.test-d.js';

declare const thrown: unknown;

if (thrown instanceof ShmError) {
  const error: Error = thrown;
  expectType<Same<typeof thrown.code, ShmErrorCode>>();
  expectType<Same<typeof thrown.name, 'ShmError'>>();
  if (thrown.code === 'ERR_SHM_FULL') {
    is<number>((thrown.needed ?? 0) - (thrown.free ?? 0));
  }
  // @ts-expect-error no such code
  if (thrown.code === 'ERR_SHM_NONSENSE') throw error;
  // @ts-expect-error the code is read-only
  thrown.code = 'ERR_SHM_FULL';
}

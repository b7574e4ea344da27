// The processor time of this process, of all its threads. Unlike elapsed time, it hardly depends on what else runs.

/** Returns the microseconds that `work` takes. */
export async function costOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

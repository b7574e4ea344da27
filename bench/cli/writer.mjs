// Writes to a dictionary for some seconds, and prints the time in milliseconds that one in 10,000 writes exceeds.
import { SharedDict } from 'shmkit';

const SECONDS = 3;
const dict = SharedDict.open(process.argv[2]);
const times = [];
const end = process.hrtime.bigint() + BigInt(SECONDS) * 1_000_000_000n;
for (let index = 0, now = process.hrtime.bigint(); now < end; index += 1) {
  dict.set(`user:${index % 1000}:${index % 1_000_000}`, index);
  const after = process.hrtime.bigint();
  times.push(Number(after - now) / 1e6);
  now = after;
}
times.sort((a, b) => a - b);
console.log(times[Math.floor(times.length * 0.9999)]);

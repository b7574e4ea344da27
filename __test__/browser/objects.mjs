// Objects of all kinds in a directory, with traffic: what the browser tests and the screenshots show.
//   node objects.mjs <directory>
// Prints "ready" and goes on until its standard input ends.
import { SharedChannel, SharedDict, SharedLocks, SharedMutex, SharedQueue, SharedRing, SharedSegment, SharedSemaphore } from '../../index.js';

const dir = process.argv[2];
const TICK_MS = 20;

const sessions = SharedDict.create('sessions', { size: '16mb', dir, onFull: 'evict' });
const settings = SharedDict.create('settings', { size: '1mb', dir });
const jobs = SharedRing.create('jobs', { size: '64kb', dir });
const news = SharedChannel.create('news', { size: '64kb', dir });
const mails = SharedQueue.create('mails', { size: '1mb', dir });
const deploy = SharedMutex.create('deploy', { dir });
const files = SharedLocks.create('files', { dir });
const slots = SharedSemaphore.create('slots', 8, { dir, holders: true });
const frames = SharedSegment.create('frames', { size: '256kb', dir });

const NAMES = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald'];

function fill() {
  for (let index = 0; index < 4000; index += 1) sessions.set(`user:${index}`, { name: NAMES[index % NAMES.length], roles: ['reader'], visits: index }, 3600);
  for (let index = 0; index < 300; index += 1) sessions.set(`page:/articles/${index}`, '<article>'.padEnd(2000, 'lorem ipsum '), 60);
  settings.setMany([
    ['text', 'one line\nanother line'],
    ['number', 42.5],
    ['bigint', 12_345_678_901_234n],
    ['boolean', true],
    ['nothing', null],
    ['bytes', Buffer.from('00ff10203040506070', 'hex')],
    ['object', { nested: { list: [1, 2, 3] }, at: new Date(0) }],
    ['<img src=x onerror="globalThis.broken=1">', '<script>globalThis.broken=1</script>'],
    ['\u202ereversed\u0007', 'a key with characters that nobody sees'],
    ['\ud800lone', 'a key that is no text'],
  ]);
  settings.rpush('list', 'first', 'second');
}

let ticks = 0;

function tick() {
  ticks += 1;
  const load = 60 + Math.round(30 * Math.sin(ticks / 60));
  for (let index = 0; index < load; index += 1) {
    const at = Math.floor(5000 * Math.random() ** 2);
    if (sessions.get(`user:${at}`) === undefined || index % 5 === 0) sessions.set(`user:${at}`, { name: NAMES[at % NAMES.length], roles: ['reader'], visits: ticks }, 3600);
  }
  if (ticks % 3 === 0) sessions.delete(`user:${Math.floor(Math.random() * 5000)}`);
  settings.incr('ticks', 1, { init: 0 });
  for (let index = 0; index < 3; index += 1) jobs.trySend(`job ${ticks}`);
  while (jobs.stats().messages > 40 + 30 * Math.sin(ticks / 100)) jobs.tryReceive();
  news.post({ ticks });
  mails.push({ to: 'ada@example.com', ticks }, ticks % 10 === 0 ? { delay: 5 } : {});
  while (mails.stats().ready > 20) mails.tryClaim()?.done();
}

fill();
mails.push('a job that is worked on for a while', { id: 'report-17' });
mails.tryClaim();
deploy.tryLock();
slots.tryAcquire(3);
void files.request('report.pdf', () => new Promise(() => {}));
void files.request('report.pdf', () => {}).catch(() => {});
void files.request('index.db', { mode: 'shared' }, () => new Promise(() => {}));
const timer = setInterval(tick, TICK_MS);
process.stdout.write('ready\n');
process.stdin.resume();
process.stdin.on('end', () => {
  clearInterval(timer);
  for (const object of [sessions, settings, jobs, news, mails, deploy, files, slots, frames]) object.close();
  process.exit(0);
});

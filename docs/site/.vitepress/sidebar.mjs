// The pages in an order to read them in. Every page of docs has to be in it.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const DOCS = path.join(path.dirname(fileURLToPath(import.meta.url)), '../..');

const SECTIONS = {
  'Learn it': ['guide/dictionary', 'guide/values', 'guide/events', 'guide/waiting', 'guide/spawning'],
  'Jobs and messages': ['guide/queues', 'guide/ring', 'guide/channels'],
  'One at a time': ['guide/mutexes', 'guide/locks', 'guide/semaphores', 'guide/file-locks'],
  'Raw memory': ['guide/segments', 'guide/memory-maps', 'guide/memory-file'],
  'With what you use': ['guide/adapters', 'guide/valkey', 'guide/electron'],
  'Adapters': [
    'express-rate-limit', 'fastify-rate-limit', 'rate-limiter-flexible', 'express-session', 'koa-session', 'keyv', 'next', 'undici',
    'unstorage', 'apollo', 'bentocache', 'prom-client', 'opentelemetry', 'socket.io',
  ].map((name) => `guide/adapters/${name}`),
  'Run it': ['guide/production', 'guide/command-line', 'guide/inspector', 'errors', 'guide/ci-artifacts', 'platforms'],
  'Rely on it': ['promises', 'performance', 'benchmarks/index'],
};
const INTERNALS = [
  'architecture', 'format', 'locking', 'recovery', 'verification', 'faults', 'format-siblings', 'ring', 'channel', 'queue', 'segments', 'maps', 'releasing',
];

const GROUPS = { Classes: 'classes', Functions: 'functions', Options: 'interfaces', Types: 'type-aliases' };

export const sidebar = [
  { text: 'Start here', link: '/start' },
  ...Object.entries(SECTIONS).map(([text, pages]) => ({ text, collapsed: false, items: pages.map(itemOf) })),
  { text: 'API', link: '/api/', collapsed: true, items: Object.entries(GROUPS).map(([text, folder]) => ({ text, collapsed: true, items: referencesIn(folder) })) },
  { text: 'API of subpaths', link: '/api/subpaths/', collapsed: true, items: subpaths() },
  { text: 'Internals', collapsed: true, items: INTERNALS.map(itemOf) },
];

checkThatAllAreThere([...Object.values(SECTIONS).flat(), ...INTERNALS]);

/** A page, and under it those of its folder, if it has one. */
function itemOf(page) {
  const folder = path.join(DOCS, page);
  const inside = fs.existsSync(folder) ? fs.readdirSync(folder).toSorted().map((name) => `${page}/${name.replace(/\.md$/, '')}`) : [];
  const text = fs.readFileSync(path.join(DOCS, `${page.replace('benchmarks/index', 'benchmarks/README')}.md`), 'utf8');
  const title = /^# (.+)$/m.exec(text)?.[1] ?? page;
  return { text: title.replaceAll('`', ''), link: `/${page.replace(/index$/, '')}`, ...(inside.length > 0 && { collapsed: true, items: inside.map(itemOf) }) };
}

function referencesIn(folder) {
  const files = path.join(DOCS, '../build/docs-pages/api', folder);
  return fs.readdirSync(files).toSorted().map((name) => ({ text: name.replace(/\.md$/, ''), link: `/api/${folder}/${name.replace(/\.md$/, '')}` }));
}

function subpaths() {
  const names = fs.readdirSync(path.join(DOCS, '../types/adapters')).map((name) => name.replace(/\.d\.ts$/, '')).toSorted();
  const pages = path.join(DOCS, '../build/docs-pages/api/subpaths');
  return names.map((name) => ({ text: `shmkit/${name}`, link: `/api/subpaths/${name}${fs.existsSync(path.join(pages, name)) ? '/' : ''}` }));
}

function checkThatAllAreThere(pages) {
  const all = ['', 'guide/', 'guide/adapters/', 'benchmarks/'].flatMap((folder) => fs.readdirSync(path.join(DOCS, folder)).filter((name) => name.endsWith('.md')).map((name) => folder + name.replace(/README\.md$/, 'index.md').replace(/\.md$/, '')));
  const missing = all.filter((page) => !pages.includes(page));
  if (missing.length > 0) throw new Error(`no place in the reading order, docs/site/.vitepress/sidebar.mjs: ${missing.join(', ')}`);
}

// The documentation site: the pages of docs in an order to read them in, with search, and the reference made of the types.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { leadingOut } from './links.mjs';
import { sidebar } from './sidebar.mjs';

const ROOT = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../..');

export default {
  title: 'shmkit',
  description: 'Shared memory for Node.js',
  lang: 'en',
  srcDir: path.join(ROOT, 'build/docs-pages'),
  outDir: path.join(ROOT, 'build/docs'),
  cacheDir: path.join(ROOT, 'build/docs-cache'),
  cleanUrls: true,
  lastUpdated: false,
  markdown: {
    // Types such as Map<string, V> are no elements.
    html: false,
    config: (markdown) => markdown.use(leadingOut),
  },
  // The icon is part of the page, so that nothing is asked for elsewhere.
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar,
    nav: [
      { text: 'Guide', link: '/start' },
      { text: 'API', link: '/api/' },
      { text: 'Promises', link: '/promises' },
      { text: 'Internals', link: '/architecture' },
    ],
    socialLinks: [{ icon: 'github', link: 'https://github.com/shmkit/shmkit' }],
  },
};

// Which requests the inspector answers: raw ones, as other sites, other users and broken clients may send them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import test from 'ava';
import { until } from '../support/clock';
import { makeDir } from '../support/dict';
import { COMMAND, InspectorSession, raw, requestTo, startInspector } from '../support/inspector';
import { testOnLinux } from '../support/not-run';

test('the inspector serves its page with headers that keep other sites and scripts out', async (t) => {
  const { port } = await startInspector(t, '--dir', makeDir(t));
  for (const target of ['/', '/open', '/page.js', '/page.css', '/favicon.ico', '/licenses.txt', '/none', '/api/objects']) {
    const { status, headers } = await raw(port, requestTo(port, target));
    t.is(status, target === '/none' ? 404 : target === '/api/objects' ? 401 : 200, target);
    t.is(headers['content-security-policy'], "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'");
    t.like(headers, { 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
    t.like(headers, { 'cross-origin-resource-policy': 'same-origin', 'cross-origin-opener-policy': 'same-origin' });
    t.deepEqual(Object.keys(headers).filter((name) => name.startsWith('access-control')), []);
  }
});

test('the inspector listens on the loopback address only', async (t) => {
  const { port } = await startInspector(t, '--dir', makeDir(t));
  const others = Object.values(os.networkInterfaces()).flatMap((all) => all ?? []).filter(({ address }) => address !== '127.0.0.1' && !address.startsWith('fe80'));
  for (const { address } of [...others, { address: '::1' }, { address: '127.0.0.2' }]) {
    const socket = net.connect(port, address);
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    t.true(['ECONNREFUSED', 'EADDRNOTAVAIL', 'ENETUNREACH', 'EHOSTUNREACH', 'EAFNOSUPPORT'].includes(error.code ?? ''), `${address}: ${error.code}`);
  }
});

test('the inspector answers 421 to every host but its own', async (t) => {
  const { port } = await startInspector(t, '--dir', makeDir(t));
  for (const host of ['localhost', `localhost:${port}`, '127.0.0.1', `127.0.0.1:${port + 1}`, `127.0.0.1.:${port}`, `[::1]:${port}`, `evil.example:${port}`, `127.0.0.1:${port}.evil.example`, '']) {
    t.is((await raw(port, requestTo(port, '/', { Host: host }))).status, 421, host);
  }
  t.true([400, 421].includes((await raw(port, requestTo(port, '/', { Host: undefined }))).status));
  t.is((await raw(port, requestTo(port, `http://127.0.0.1:${port}/`))).status, 400);
});

test('the inspector answers 403 to other origins and sites, except links to its address', async (t) => {
  const { port } = await startInspector(t, '--dir', makeDir(t));
  const statusFor = async (target: string, headers: Record<string, string>) => (await raw(port, requestTo(port, target, headers))).status;
  for (const origin of ['null', 'http://evil.example', `https://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`, `http://localhost:${port}`]) {
    t.is(await statusFor('/', { Origin: origin }), 403, origin);
  }
  t.is(await statusFor('/', { Origin: `http://127.0.0.1:${port}` }), 200);
  for (const site of ['cross-site', 'same-site']) t.is(await statusFor('/', { 'Sec-Fetch-Site': site }), 403, site);
  for (const site of ['same-origin', 'none']) t.is(await statusFor('/', { 'Sec-Fetch-Site': site }), 200, site);
  const link = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
  t.is(await statusFor('/open', link), 200);
  t.is(await statusFor('/', link), 403);
  t.is(await statusFor('/api/objects', link), 403);
  t.is(await statusFor('/open', { ...link, 'Sec-Fetch-Dest': 'iframe' }), 403);
  t.is(await statusFor('/open', { ...link, 'Sec-Fetch-Mode': 'no-cors' }), 403);
});

test('the inspector exchanges the token of an address once, and answers only its sessions', async (t) => {
  const inspector = await startInspector(t, '--dir', makeDir(t));
  const { port, opening } = inspector;
  t.regex(opening, /^[\w-]{32}$/);
  const exchange = (authorization: string | undefined) => raw(port, requestTo(port, '/api/session', { Authorization: authorization }));
  for (const wrong of [undefined, '', 'Bearer', 'Bearer ', `Bearer ${'A'.repeat(32)}`, `Basic ${opening}`, `Bearer ${opening}x`]) t.is((await exchange(wrong)).status, 401, wrong);
  const session = await InspectorSession.open(inspector);
  t.not(session.token, opening);
  t.is((await exchange(`Bearer ${opening}`)).status, 401);
  t.is((await session.ask('/api/objects')).status, 200);
  t.is((await session.ask('/api/objects', { Authorization: undefined })).status, 401);
  t.is((await session.ask('/api/objects', { Authorization: `Bearer ${opening}` })).status, 401);
  t.is((await session.ask(`/api/objects?token=${session.token}`, { Authorization: undefined, Cookie: `session=${session.token}` })).status, 401);
  t.is((await session.ask('/api/objects', { 'X-Shmkit': undefined })).status, 403);
  t.is((await raw(port, requestTo(port, '/api/session', { Authorization: `Bearer ${opening}`, 'X-Shmkit': undefined }))).status, 403);
});

test('the inspector answers GET only, and refuses paths that lead out of its files', async (t) => {
  const inspector = await startInspector(t, '--dir', makeDir(t));
  const session = await InspectorSession.open(inspector);
  const { port } = inspector;
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']) t.is((await raw(port, requestTo(port, '/', {}, method))).status, 405, method);
  t.is((await session.post('/api/delete', { name: 'a', key: 'b' })).status, 405);
  t.is((await session.post('/api/store', { name: 'a', key: 'b', type: 'string', text: '' })).status, 405);
  const paths = ['/../package.json', '/..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/package.json', '/page.js/../../cli.js', '/index.html', '/page.js%00', '/./../../../../etc/passwd', '/api/../../cli.js', String.raw`/..\..\package.json`];
  for (const target of paths) {
    const { status, body } = await raw(port, requestTo(port, target));
    t.true(status === 404 || status === 400, `${target}: ${status}`);
    t.false(body.includes('root:'), target);
  }
  t.is((await raw(port, requestTo(port, '//evil.example/'))).status, 400);
  t.is((await session.ask('/api/none')).status, 404);
  t.is((await session.ask('/api/changes?name=a')).status, 403);
});

test('the inspector survives broken, large and unfinished requests', async (t) => {
  const inspector = await startInspector(t, '--read-write', '--dir', makeDir(t));
  const session = await InspectorSession.open(inspector);
  const { port } = inspector;
  t.is((await raw(port, 'nonsense\r\n\r\n')).status, 400);
  t.is((await raw(port, requestTo(port, `/?${'a'.repeat(2 * 1024 * 1024)}`))).status, 431);
  t.is((await session.post('/api/store', 'x'.repeat(300 * 1024))).status, 413);
  t.is((await session.post('/api/store', `10000000\r\n${'x'.repeat(300 * 1024)}`, { 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' })).status, 413);
  for (const body of ['', 'x', '[]', 'null', '{}', '{"name":"a"}', '{"name":1,"key":"k"}']) t.true([400, 404].includes((await session.post('/api/delete', body)).status), body);
  t.is((await session.post('/api/delete', '{}', { 'Content-Type': 'text/plain' })).status, 415);
  t.is((await session.post('/', '{}')).status, 405);
  const unfinished = net.connect(port, '127.0.0.1');
  t.teardown(() => unfinished.destroy());
  unfinished.on('error', () => {});
  unfinished.write('GET / HTTP/1.1\r\nHost');
  t.is((await session.ask('/api/objects')).status, 200);
  t.is(await inspector.end(), 130);
  const [error] = (await once(http.get({ port, host: '127.0.0.1' }), 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNREFUSED');
});

testOnLinux('inspect --open hands the browser a private file that leads to the address, and removes it', async (t) => {
  const [dir, opened] = [makeDir(t), fs.mkdtempSync(path.join(os.tmpdir(), 'shmkit-test-'))];
  t.teardown(() => fs.rmSync(opened, { recursive: true, force: true }));
  // A browser that says what it was given.
  const note = path.join(opened, 'note');
  fs.writeFileSync(path.join(opened, 'xdg-open'), `#!/bin/sh\n{ echo "$@"; stat -c %a "$1"; cat "$1"; } > ${note}.part; mv ${note}.part ${note}\n`, { mode: 0o755 });
  const child = spawn(process.execPath, [COMMAND, 'inspect', '--open', '--dir', dir], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: `${opened}:${process.env['PATH']}` } });
  t.teardown(() => child.kill('SIGKILL'));
  let printed = '';
  child.stdout.on('data', (data) => (printed += String(data)));
  await until(() => fs.existsSync(note));
  const [given = '', mode, text = ''] = fs.readFileSync(note, 'utf8').split('\n');
  const address = new URL(/url=([^"]+)"/.exec(text)?.[1] ?? '');
  t.is(mode, '600');
  t.false(given.includes(address.hash));
  t.is(printed, '');
  const port = Number(address.port);
  t.is((await raw(port, requestTo(port, '/api/session', { Authorization: `Bearer ${address.hash.slice(1)}` }))).status, 200);
  child.kill('SIGINT');
  await once(child, 'close');
  t.false(fs.existsSync(given));
});

// The inspector's page in a browser, as its users see it, hear it and type in it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { openStage } from './stage.mjs';

const WAIT_MS = 30_000;
let stage;
let page;
const complaints = [];
/** Checks a page by the rules of WCAG. */
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const VIEWS = ['', 'dict/sessions', 'dict/sessions/memory', 'dict/settings/keys', 'dict/settings/changes', 'locks/files', 'mutex/deploy', 'semaphore/slots', 'queue/mails', 'ring/jobs', 'channel/news', 'segment/frames'];

before(async () => {
  stage = await openStage('--read-write');
  page = await stage.browser.newPage({ viewport: { width: 1100, height: 800 } });
  page.setDefaultTimeout(WAIT_MS);
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(stage.address);
});

after(() => stage.end());

const view = (route) => page.goto(`http://127.0.0.1:${stage.port}/#/${route}`);
const text = (locator) => locator.innerText();

test('the address opens the page once, and leaves no token behind in the address bar', async () => {
  await page.getByRole('heading', { name: 'Objects' }).waitFor();
  assert.equal(page.url(), `http://127.0.0.1:${stage.port}/`);
  assert.equal(await page.evaluate(() => document.cookie), '');
  const other = await stage.browser.newPage();
  await other.goto(stage.address);
  await other.getByRole('alert').waitFor();
  assert.match(await text(other.getByRole('alert')), /used before/);
  await other.close();
});

test('a reload keeps the session, and another tab does not have it', async () => {
  await page.reload();
  await page.getByRole('link', { name: 'sessions' }).waitFor();
  const other = await stage.browser.newPage();
  await other.goto(`http://127.0.0.1:${stage.port}/`);
  assert.match(await text(other.getByRole('alert')), /needs an address/);
  await other.close();
});

test('the table of objects shows all kinds with rates, and sorts and filters by keyboard', async () => {
  await page.waitForFunction(() => /sessions\s+16\.0 MiB.*entries\s+\d+\s+[\d.]+%/s.test(document.querySelector('table')?.innerText ?? ''));
  const kinds = await page.locator('tbody tr td:first-child').allInnerTexts();
  assert.deepEqual([...new Set(kinds)].toSorted(), ['channel', 'dict', 'locks', 'mutex', 'queue', 'ring', 'segment', 'semaphore']);
  await page.getByRole('button', { name: 'Size' }).focus();
  await page.keyboard.press('Enter');
  assert.equal(await page.getByRole('columnheader', { name: 'Size' }).getAttribute('aria-sort'), 'descending');
  assert.equal(await text(page.locator('tbody tr').first().getByRole('link')), 'sessions');
  await page.getByLabel('Filter').fill('mut');
  assert.deepEqual(await page.locator('tbody th').allInnerTexts(), ['deploy']);
  await page.getByLabel('Filter').fill('');
});

test('a dictionary has live charts whose numbers are in text as well', async () => {
  await page.getByRole('link', { name: 'sessions' }).click();
  const chart = page.getByRole('img', { name: /^Operations per second.*reads [1-9]/ });
  await chart.waitFor();
  const first = await chart.getAttribute('aria-label');
  await page.waitForFunction((label) => document.querySelector('[role=img]')?.getAttribute('aria-label') !== label, first);
  const painted = await chart.locator('canvas').evaluate((canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0));
  assert.ok(painted);
  assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
});

test('pausing stops the requests', async () => {
  await page.getByRole('button', { name: 'Pause' }).click();
  let requests = 0;
  const count = () => (requests += 1);
  // One may be on its way.
  await page.waitForLoadState('networkidle');
  page.on('request', count);
  await page.waitForTimeout(2500);
  page.off('request', count);
  assert.equal(requests, 0);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForRequest(/api\/object/);
});

test('memory is shown by size class, prefix and key', async () => {
  await page.getByRole('link', { name: 'Memory' }).click();
  await page.getByRole('button', { name: 'Measure' }).click();
  await page.getByRole('region', { name: 'Prefixes that take the most memory' }).waitFor();
  assert.deepEqual((await page.getByRole('region', { name: /^Prefixes/ }).locator('tbody th').allInnerTexts()).toSorted(), ['page:', 'user:']);
  assert.match(await text(page.getByRole('region', { name: 'Keys that take the most memory' })), /page:\/articles\/\d+\s+string\s+2\.0 KiB/);
  assert.ok((await page.getByRole('region', { name: 'Memory by size class' }).locator('tbody tr').count()) > 1);
});

test('keys are found, and values of hostile writers stay text', async () => {
  await view('dict/settings/keys');
  await page.getByLabel('Begins with').fill('<');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: '<img' }).click();
  assert.equal(await text(page.getByLabel('Value as text')), '<script>globalThis.broken=1</script>');
  await page.getByLabel('Begins with').fill('');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: String.raw`\u202ereversed\u0007` }).waitFor();
  await page.getByRole('button', { name: String.raw`\ud800lone` }).click();
  assert.equal(await text(page.getByLabel('Value as text')), 'a key that is no text');
  assert.equal(await page.evaluate(() => globalThis.broken), undefined);
  await page.getByRole('button', { name: 'bytes', exact: true }).click();
  await page.getByText('00ff10203040506070').waitFor();
});

test('entries are changed and deleted where --read-write allows it', async () => {
  await page.getByRole('button', { name: 'text', exact: true }).click();
  await page.getByLabel('New value (string)').fill('changed');
  await page.getByRole('button', { name: 'Store' }).click();
  await page.getByLabel('Value as text').getByText('changed').waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'text', exact: true }).waitFor({ state: 'detached' });
});

test('changes appear as they happen', async () => {
  await view('dict/settings/changes');
  await page.getByRole('button', { name: 'Watch' }).click();
  await page.getByRole('region', { name: 'Latest changes' }).getByText('ticks').first().waitFor();
  await page.getByRole('region', { name: 'Keys that are written most' }).getByText('ticks').waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByRole('region', { name: 'Latest changes' }).waitFor({ state: 'detached' });
});

test('holders, waiters, claims and depths of the other kinds are shown', async () => {
  await view('locks/files');
  assert.match(await text(page.getByRole('region', { name: 'Held locks' })), /report\.pdf\s+exclusive\s+\d+/);
  assert.match(await text(page.getByRole('region', { name: /^Waiting requests/ })), /report\.pdf/);
  await view('mutex/deploy');
  await page.getByText(/^process \d+$/).first().waitFor();
  await view('semaphore/slots');
  assert.match(await text(page.getByRole('region', { name: 'Processes that hold permits' })), /3/);
  await view('queue/mails');
  await page.getByRole('region', { name: 'Jobs that processes work on' }).getByText('report-17').waitFor();
  for (const [route, title] of [['ring/jobs', 'Messages per second'], ['channel/news', 'Messages per second'], ['queue/mails', 'Jobs per second']]) {
    await view(route);
    await page.getByRole('img', { name: new RegExp(`^${title}.* [1-9]`) }).waitFor();
  }
});

test('every view fits a narrow screen, in light and dark', async () => {
  await page.setViewportSize({ width: 400, height: 800 });
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const route of ['', 'dict/sessions', 'dict/sessions/keys', 'locks/files', 'queue/mails']) {
      await view(route);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.equal(excess, 0, `${route} in ${colorScheme}`);
    }
    const [background, colour] = await page.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]);
    assert.equal(background, colorScheme === 'dark' ? 'rgb(18, 23, 29)' : 'rgb(255, 255, 255)');
    assert.notEqual(background, colour);
  }
  await page.setViewportSize({ width: 1100, height: 800 });
});

test('no view breaks a rule of accessibility, in light and dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const route of VIEWS) {
      await view(route);
      await page.waitForFunction(() => document.querySelector('h1') !== null && !document.body.innerText.includes('Loading'));
      if (route === 'dict/sessions/memory') await page.getByRole('button', { name: 'Measure' }).click();
      if (route === 'dict/settings/keys') await page.getByRole('button', { name: 'object', exact: true }).click();
      if (route === 'dict/settings/changes') await page.getByRole('button', { name: 'Watch' }).click();
      const violations = await page.evaluate(`${AXE}; axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`);
      assert.deepEqual(violations, [], `${route} in ${colorScheme}`);
    }
  }
});

test('every control has a name, and the keyboard reaches the content first', async () => {
  await view('dict/sessions/keys');
  await page.getByRole('region', { name: 'Keys' }).waitFor();
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll('button, a, input, textarea')].filter((control) => control.textContent?.trim() === '' && !control.labels?.length && control.getAttribute('aria-label') === null).map(({ outerHTML }) => outerHTML),
  );
  assert.deepEqual(nameless, []);
  await page.reload();
  await page.getByRole('region', { name: 'Keys' }).waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'content');
});

test('no script of a string runs, nothing is loaded from elsewhere, and the browser has no complaint', async () => {
  const refused = await page.evaluate(() => {
    try {
      document.createElement('div').innerHTML = '<b>text</b>';
      return false;
    } catch (error) {
      return error instanceof TypeError;
    }
  });
  assert.ok(refused);
  const foreign = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => !name.startsWith(location.origin)));
  assert.deepEqual(foreign, []);
  assert.deepEqual(complaints.filter((line) => !/innerHTML|TrustedHTML|Trusted Type/.test(line)), []);
});

test('the page says so when the inspector has ended', async () => {
  await view('');
  await page.getByRole('link', { name: 'sessions' }).waitFor();
  stage.inspector.kill('SIGINT');
  await page.getByRole('alert').getByText('does not answer').waitFor();
});

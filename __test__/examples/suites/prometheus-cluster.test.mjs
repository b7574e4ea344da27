// The Prometheus page of a cluster: any worker answers for all, killed ones included.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askUntil, killProcess, load, start } from '../application.mjs';

const NAME = 'prometheus-cluster';

function figure(page, name) {
  return Number(page.split('\n').find((line) => line.startsWith(`${name} `))?.slice(name.length + 1));
}

test('Prometheus: every worker answers with the requests of all, and a killed one takes none with it', async (t) => {
  const { url } = await start(t, NAME);
  const counts = [await load(NAME, `${url}/work`, { amount: 2000 })];
  const pages = await askUntil(`${url}/metrics`, (answers) => new Set(answers.map(({ worker }) => worker)).size === 4);
  await killProcess(pages[0].worker);
  counts.push(await load(NAME, `${url}/work`, { amount: 2000 }));
  const total = counts[0].total + counts[1].total;
  // A response is counted when it is closed, which can be after its client has it.
  await askUntil(`${url}/metrics`, (answers) => figure(answers.at(-1)?.text ?? '', 'http_request_seconds_count') === total);
  for (const { text } of pages) assert.equal(figure(text, 'http_requests_total{route="/work"}'), counts[0].total);
  const after = await askUntil(`${url}/metrics`, (answers) => new Set(answers.map(({ worker }) => worker)).size === 4);
  for (const { text, headers } of after) {
    assert.equal(figure(text, 'http_requests_total{route="/work"}'), total);
    assert.equal(figure(text, 'http_request_seconds_bucket{le="+Inf"}'), total);
    assert.equal(figure(text, 'http_requests_active'), 0);
    assert.match(headers.get('content-type'), /^text\/plain; version=0\.0\.4/u);
  }
});

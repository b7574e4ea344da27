// Takes the pictures of the README and of the guide: npm run test:inspector -- --screenshots.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openStage } from './stage.mjs';

const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../docs/images');
/** For charts with something in them. */
const SECONDS = 25;

const stage = await openStage('--read-write');
try {
  fs.mkdirSync(FOLDER, { recursive: true });
  const page = await stage.browser.newPage({ viewport: { width: 1160, height: 720 } });
  const take = async (name) => page.screenshot({ path: path.join(FOLDER, `${name}.png`) });
  const view = (route) => page.goto(`http://127.0.0.1:${stage.port}/#/${route}`);
  await page.goto(stage.address);
  await page.getByRole('cell', { name: /^\d+\.\d%$/ }).first().waitFor();
  await page.setViewportSize({ width: 1160, height: 470 });
  await take('inspector-objects');
  await page.setViewportSize({ width: 1160, height: 720 });
  await view('dict/sessions');
  await page.waitForTimeout(SECONDS * 1000);
  await take('inspector-dictionary');
  await page.emulateMedia({ colorScheme: 'dark' });
  await view('dict/settings/keys');
  await page.getByRole('button', { name: 'object' }).click();
  await page.getByLabel('Value as text').waitFor();
  await take('inspector-keys');
} finally {
  await stage.end();
}

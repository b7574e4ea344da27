// The files of the page. Only these names are served: nothing of a request becomes a path of the file system.
import fs from 'node:fs';
import path from 'node:path';
import { OPENING_PATH } from './guard.js';

export interface Asset {
  readonly type: string;
  readonly body: Uint8Array;
}

const HTML = 'text/html; charset=utf-8';

/** Returns the files by the paths of requests. */
export function loadAssets(folder: string): ReadonlyMap<string, Asset> {
  const asset = (name: string, type: string): Asset => ({ type, body: fs.readFileSync(path.join(folder, name)) });
  const page = asset('index.html', HTML);
  return new Map([
    ['/', page],
    [OPENING_PATH, page],
    ['/page.js', asset('page.js', 'text/javascript; charset=utf-8')],
    ['/page.css', asset('page.css', 'text/css; charset=utf-8')],
    ['/favicon.ico', asset('icon.svg', 'image/svg+xml')],
    ['/licenses.txt', asset('licenses.txt', 'text/plain; charset=utf-8')],
  ]);
}

// A plugin of the bundler: puts the files of the inspector's page that are no JavaScript beside its bundle.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const SOURCES = 'src/inspect/page';
/** The style sheet that the library of the charts needs. */
const CHARTS = createRequire(import.meta.url).resolve('uplot/dist/uPlot.min.css');

export function pageFiles(folder) {
  return {
    name: 'page-files',
    writeBundle() {
      for (const name of ['index.html', 'icon.svg']) fs.copyFileSync(path.join(SOURCES, name), path.join(folder, name));
      const styles = [CHARTS, path.join(SOURCES, 'page.css')].map((file) => fs.readFileSync(file, 'utf8').trim());
      fs.writeFileSync(path.join(folder, 'page.css'), `${styles.join('\n')}\n`);
    },
  };
}

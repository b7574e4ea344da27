'use strict';
// The main process: uses the dictionary, and has a utility process and a page's preload script use it.
const { app, BrowserWindow, ipcMain, utilityProcess } = require('electron');
const { once } = require('node:events');
const path = require('node:path');
const { SharedDict } = require('shmkit');
const { take } = require('./take.cjs');

async function main() {
  const dict = SharedDict.open(process.env.SHMKIT_ELECTRON_DICT);
  try {
    take(dict, 'main');
    dict.set('electron', process.versions.electron);
    dict.set('loaded from', process.report.getReport().sharedObjects.find((file) => file.includes('shmkit')));
    await tryUtilityProcess();
    await tryPreload();
    dict.set('attached', dict.stats().processes);
  } catch (error) {
    dict.set('error', error.stack);
  }
  app.quit();
}

async function tryUtilityProcess() {
  const child = utilityProcess.fork(path.join(__dirname, 'utility.cjs'), [], { stdio: 'inherit' });
  // It stays until the application quits, so that all processes are attached at once.
  await Promise.race([once(child, 'message'), once(child, 'exit').then(() => Promise.reject(new Error('the utility process ended')))]);
}

async function tryPreload() {
  const window = new BrowserWindow({
    show: false,
    webPreferences: { preload: path.join(__dirname, 'preload.cjs'), contextIsolation: true, nodeIntegration: false, sandbox: false },
  });
  const done = once(ipcMain, 'page-done');
  window.webContents.on('preload-error', (_event, _path, error) => ipcMain.emit('page-done', {}, error.message));
  await window.loadFile(path.join(__dirname, 'page.html'));
  const [, problem] = await done;
  if (problem) throw new Error(problem);
}

void app.whenReady().then(main);

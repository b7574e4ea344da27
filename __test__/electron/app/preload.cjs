'use strict';
// The page gets two functions, and neither Node nor the dictionary itself.
const { contextBridge, ipcRenderer } = require('electron');
const { SharedDict } = require('shmkit');
const { take } = require('./take.cjs');

const dict = SharedDict.open(process.env.SHMKIT_ELECTRON_DICT);
contextBridge.exposeInMainWorld('shared', {
  take: () => take(dict, 'preload'),
  set: (key, value) => dict.set(key, value),
  done: (problem) => ipcRenderer.send('page-done', problem),
});

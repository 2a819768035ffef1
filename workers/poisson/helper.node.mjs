/** A helper thread in Node (worker_threads): answers the first message, then takes tasks. */
import { parentPort } from 'node:worker_threads';
import { help } from './helper.mjs';

parentPort.on('message', (message) => {
  if (message === 'hello') parentPort.postMessage('ready');
  else help(message);
});

/**
 * A helper thread of the surface worker in the browser: answers the first message, then takes tasks. While it lives it
 * holds a lock by which the page can see that it is there (and a test, that it is gone).
 */
import { type HelperTask, help } from './poisson/helper.mjs';

navigator.locks?.request('surface-helper', { mode: 'shared' }, () => new Promise(() => {})).catch(() => {});
self.onmessage = ({ data }: MessageEvent<HelperTask | 'hello'>) => {
  if (data === 'hello') self.postMessage('ready');
  else help(data);
};

/** A helper thread of the surface worker in the browser: answers the first message, then takes tasks. */
import { type HelperTask, help } from './poisson/helper.mjs';

self.onmessage = ({ data }: MessageEvent<HelperTask | 'hello'>) => {
  if (data === 'hello') self.postMessage('ready');
  else help(data);
};

/** A helper thread whose work space lies beyond the memory: its first job traps. For failing-helpers.fixture.ts. */
import { type HelperTask, help } from './helper.mjs';

self.onmessage = ({ data }: MessageEvent<HelperTask | 'hello'>) => {
  if (data === 'hello') self.postMessage('ready');
  else help({ ...data, scratch: 0xfffff000 });
};

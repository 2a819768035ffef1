/** The system's share sheet (Web Share), where the browser has one that takes files. */
import type { Sharing } from '../store/context.ts';

export const systemSharing: Sharing = {
  canShare(mime) {
    if (typeof navigator.share !== 'function' || typeof navigator.canShare !== 'function') return false;
    return navigator.canShare({ files: [new File(['?'], 'file', { type: mime })] });
  },

  async share(blob, fileName) {
    const file = new File([blob], fileName, { type: blob.type });
    try {
      await navigator.share({ files: [file], title: fileName });
      return 'shared';
    } catch (thrown) {
      const name = thrown instanceof DOMException ? thrown.name : '';
      if (name === 'AbortError') return 'closed';
      if (name === 'NotAllowedError') return 'again';
      throw thrown;
    }
  },
};

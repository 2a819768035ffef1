/** Which theme the page has, kept up to date: for what is drawn by numbers and not by style sheets. */
import { useSyncExternalStore } from 'react';

const read = () => (document.documentElement.dataset.theme === 'light' ? 'light' : 'dark');

function subscribe(onChange: () => void): () => void {
  const watch = new MutationObserver(onChange);
  watch.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => watch.disconnect();
}

export function useTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, read);
}

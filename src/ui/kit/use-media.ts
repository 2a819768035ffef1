/** Whether a media query holds, kept up to date. */
import { useCallback, useSyncExternalStore } from 'react';

const lists = new Map<string, MediaQueryList>();

/** Made once: a query is parsed and evaluated anew with every list, and components ask with every render. */
function listOf(query: string): MediaQueryList {
  const list = lists.get(query) ?? window.matchMedia(query);
  lists.set(query, list);
  return list;
}

function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (onChange: () => void) => {
      const list = listOf(query);
      list.addEventListener('change', onChange);
      return () => list.removeEventListener('change', onChange);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => listOf(query).matches);
}

/** The person's system asks for less motion. */
export const useReducedMotion = () => useMedia('(prefers-reduced-motion: reduce)');

/** Files are chosen here, not dropped: a phone, or anything that fingers hold. Equals the first page's breakpoint. */
export const useChoosing = () => useMedia('(max-width: 760px), (hover: none) and (pointer: coarse)');

/** A window in which both side panels leave the figure too little. */
export const useMiddling = () => useMedia('(max-width: 1100px)');

/** One column: rail as a strip, inspector as a sheet. Equals the breakpoint of the studio's style sheets. */
export const useNarrow = () => useMedia('(max-width: 860px)');

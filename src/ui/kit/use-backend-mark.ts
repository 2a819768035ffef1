/** Marks the page with what runs the networks, for style sheets: the waits' motion goes by it (`--pulse`, `--glide`). */
import { useEffect } from 'react';
import { useAppState } from '../app-context.tsx';

export function useBackendMark(): void {
  const backend = useAppState(({ session }) => (session.kind === 'ready' ? session.machine.backend : null));
  useEffect(() => {
    const { dataset } = document.documentElement;
    if (backend === null) delete dataset.backend;
    else dataset.backend = backend;
  }, [backend]);
}

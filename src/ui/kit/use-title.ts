/** The tab's title: how far the figure is, whose it is, and that it is ready, for whoever does something else meanwhile. */
import { useEffect } from 'react';
import { fractionOf } from '../../store/library-slice.ts';
import { useAppState } from '../app-context.tsx';

const PLAIN = document.title || 'Statuette';

export function useTitle(): void {
  const title = useAppState((s) => {
    const waiting = s.queue.filter(
      ({ state }) => state.kind === 'waiting' || state.kind === 'running',
    ).length;
    const name = s.input?.title;
    if (s.run.kind === 'running') {
      const more = waiting > 1 ? ` (${waiting} photos)` : '';
      return `${Math.floor(fractionOf(s) * 100)} % ${name}${more} · Statuette`;
    }
    if (s.page === 'first' || !name) return PLAIN;
    return s.run.kind === 'done' ? `${name} · Statuette` : `${name}, stopped · Statuette`;
  });
  useEffect(() => {
    document.title = title;
  }, [title]);
}

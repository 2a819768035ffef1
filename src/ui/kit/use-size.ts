/** Size of an element in CSS px, kept up to date; 0 x 0 until it was measured. */
import { type RefObject, useEffect, useState } from 'react';
import type { Size } from '../../scene/viewport.ts';

export function useSize(element: RefObject<Element | null>): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    if (!element.current) return;
    const watch = new ResizeObserver(([entry]) => {
      setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    watch.observe(element.current);
    return () => watch.disconnect();
  }, [element]);
  return size;
}

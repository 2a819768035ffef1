/** What is worked out of pictures on the page itself, in slices between frames; of what is no longer wanted the work stops. */
import { useEffect, useState } from 'react';
import { pacedBy, type Steps } from '../../base/steps.ts';

/**
 * @param make null: nothing is wanted. A new function is a new wish: keep it with useMemo or useCallback.
 * @param afterMs waits for a moment without another wish.
 * @returns null until it is there.
 */
export function useComputed<T>(make: (() => Steps<T>) | null, afterMs = 0): T | null {
  const [made, setMade] = useState<{ readonly by: (() => Steps<T>) | null; readonly value: T } | null>(null);
  useEffect(() => {
    if (!make) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      pacedBy(
        stop.signal,
        'picture',
      )(make()).then(
        (value) => {
          if (!stop.signal.aborted) setMade({ by: make, value });
        },
        (thrown: unknown) => {
          // It was stopped, because nobody wants it any more; anything else is a fault and is told as one.
          if (!stop.signal.aborted) throw thrown;
        },
      );
    }, afterMs);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [make, afterMs]);
  return made && made.by === make ? made.value : null;
}

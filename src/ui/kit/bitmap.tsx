/** Shows an ImageBitmap of the registry in a small canvas of its own; the registry keeps owning the bitmap. */
import { useEffect, useRef } from 'react';
import type { ResourceId } from '../../store/resources.ts';
import { useResource } from '../app-context.tsx';

export function Bitmap({ id, className }: { id: ResourceId<'bitmap'>; className?: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const bitmap = useResource(id);
  useEffect(() => {
    if (!canvas.current || !bitmap || bitmap.width === 0) return;
    // willReadFrequently keeps so small a canvas off the GPU, where making it costs more than drawing it.
    canvas.current.width = bitmap.width;
    canvas.current.height = bitmap.height;
    canvas.current.getContext('2d', { willReadFrequently: true })?.drawImage(bitmap, 0, 0);
  }, [bitmap]);
  return <canvas ref={canvas} className={className} />;
}

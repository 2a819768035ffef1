/** The photo with what the first stages found on it: cut-out, skeleton, part boxes. */
import { useCallback, useMemo, useState } from 'react';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { drawMatte, drawPicture } from '../../scene/draw-picture.ts';
import { drawParts, drawSkeleton, keypointAt } from '../../scene/overlays.ts';
import { partAt } from '../../scene/part-frame.ts';
import { frameAround, fullFrame, type Viewport } from '../../scene/viewport.ts';
import { useActions, useAppState, usePicture, useResource } from '../app-context.tsx';
import { EmptyView } from '../kit/empty-view.tsx';
import { type Paint, PicturePane } from '../kit/picture-pane.tsx';
import { useNarrow } from '../kit/use-media.ts';

const CANVAS = { width: CANVAS_SIZE, height: CANVAS_SIZE };
const WHOLE = fullFrame(CANVAS);

export default function PhotoView() {
  const { overlays, keypointsId, reports, joint } = useAppState((s) => ({
    overlays: s.overlays,
    keypointsId: s.keypoints,
    reports: s.partReports,
    joint: s.joint,
  }));
  const { setJoint, selectPart, setView } = useActions();
  const photo = usePicture({ kind: 'photo' });
  const matte = usePicture(overlays.matte ? { kind: 'cutout' } : null);
  const keypoints = useResource(keypointsId);
  const [viewport, setViewport] = useState<Viewport | null>(null);
  const narrow = useNarrow();
  // On a phone the square photo would be small in a tall pane: show the person, the rest is a pinch away.
  const frame = useMemo(
    () =>
      narrow && reports.length
        ? frameAround(
            reports.flatMap((r) => r.corners),
            CANVAS,
            0.03,
          )
        : WHOLE,
    [narrow, reports],
  );

  const paint = useCallback<Paint>(
    (g, place, pane) => {
      if (photo.value) drawPicture(g, photo.value, CANVAS, place);
      if (overlays.matte && matte.value) drawMatte(g, matte.value, CANVAS, place);
      if (overlays.boxes) drawParts(g, reports, place, pane, null);
      if (overlays.skeleton && keypoints) drawSkeleton(g, keypoints, place, joint);
    },
    [photo.value, matte.value, overlays, reports, keypoints, joint],
  );

  if (!photo.value && photo.kind !== 'loading') return <EmptyView stage="photo" what="The photo" />;
  return (
    <PicturePane
      size={CANVAS}
      frame={frame}
      viewport={viewport}
      onViewport={setViewport}
      paint={paint}
      label="The photo with the joints found on it"
      testId="photo-canvas"
      caption={
        <>
          <b>Photo</b> · {CANVAS_SIZE} × {CANVAS_SIZE}
        </>
      }
      onPoint={(point, place) =>
        setJoint(
          point && keypoints && overlays.skeleton
            ? keypointAt(
                keypoints,
                place,
                point.x * place.scale + place.offsetX,
                point.y * place.scale + place.offsetY,
                14,
              )
            : null,
        )
      }
      onPick={(point) => {
        const part = overlays.boxes ? partAt(reports, point.x, point.y) : null;
        if (!part) return;
        selectPart(part);
        setView('parts');
      }}
    />
  );
}

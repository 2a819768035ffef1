/** The photo with what the first stages found on it: cut-out, skeleton, part boxes. */
import { useCallback, useMemo, useState } from 'react';
import { CANVAS_SIZE } from '../../geometry/body.ts';
import { type FigureEdits, NO_EDITS, type PaintStroke } from '../../geometry/figure-edits.ts';
import { drawCrosshair, drawMatte, drawPicture } from '../../scene/draw-picture.ts';
import { drawBrush, drawStroke, jointId, previewOf, withJoint } from '../../scene/edit-preview.ts';
import { drawParts, drawSkeleton, keypointAt } from '../../scene/overlays.ts';
import { partAt } from '../../scene/part-frame.ts';
import { FOOT_ROOM, frameAround, fullFrame, type Placement } from '../../scene/viewport.ts';
import { useActions, useAppState, usePicture, useResource } from '../app-context.tsx';
import { capital } from '../edit/joint-fields.tsx';
import { PhotoTools, usePhotoToolKey } from '../edit/photo-tools.tsx';
import { EmptyView } from '../kit/empty-view.tsx';
import { type Grab, type Paint, PicturePane } from '../kit/picture-pane.tsx';
import { useLook } from '../kit/use-look.ts';
import { useNarrow } from '../kit/use-media.ts';
import { keypointName } from '../words.ts';

const CANVAS = { width: CANVAS_SIZE, height: CANVAS_SIZE };
const WHOLE = fullFrame(CANVAS);
/** A joint within this of the pointer is taken hold of, pane px: a fingertip's half width. */
const JOINT_REACH = 22;

export default function PhotoView() {
  const { overlays, keypointsId, fitted, joint, tool, brush, draft, mode, edits, explained } = useAppState(
    (s) => ({
      overlays: s.overlays,
      keypointsId: s.keypoints,
      fitted: s.partReports,
      joint: s.joint,
      tool: s.tool,
      explained: s.explained?.at ?? null,
      brush: s.brush,
      // What was just let go stays drawn until the run has come as far as that.
      draft:
        s.draft ??
        (s.run.kind === 'running' && s.stages.pose.state.kind !== 'done' ? (s.input?.edits ?? null) : null),
      mode: s.options.mode,
      edits: s.input?.edits ?? NO_EDITS,
    }),
  );
  const { setJoint, selectPart, setView, setDraft, edit, explain } = useActions();
  const photo = usePicture({ kind: 'photo' });
  const matte = usePicture(overlays.matte ? { kind: 'cutout' } : null);
  const found = useResource(keypointsId);
  const { keypoints, reports } = useMemo(
    () => (found ? previewOf(found, fitted, mode, draft) : { keypoints: undefined, reports: fitted }),
    [found, fitted, mode, draft],
  );
  const [hover, setHover] = useState<{ x: number; y: number } | null>(null);
  const narrow = useNarrow();
  const toolKey = usePhotoToolKey();
  // On a phone the square photo would be small in a tall pane: show the person, the rest is a pinch away.
  const frame = useMemo(
    () =>
      narrow && fitted.length
        ? frameAround(
            fitted.flatMap((r) => r.corners),
            CANVAS,
            0.03,
            tool === 'paint' ? 2.5 * FOOT_ROOM : FOOT_ROOM,
          )
        : WHOLE,
    [narrow, fitted, tool],
  );
  const [viewport, setViewport] = useLook(frame, CANVAS);

  function grabJoint(point: { x: number; y: number }, place: Placement): Grab | null {
    const at = { x: point.x * place.scale + place.offsetX, y: point.y * place.scale + place.offsetY };
    const index = keypoints ? keypointAt(keypoints, place, at.x, at.y, JOINT_REACH) : null;
    if (index === null) return null;
    const id = jointId(index);
    setJoint(index);
    let last: FigureEdits | null = null;
    return {
      move(to) {
        last = withJoint(edits, id, to.x, to.y);
        setDraft(last);
      },
      end() {
        if (last) void edit(`${capital(keypointName(id))} moved`, () => last ?? edits);
      },
      cancel: () => setDraft(null),
    };
  }

  function grabBrush(point: { x: number; y: number }): Grab {
    let stroke: PaintStroke = { ...brush, points: [point.x, point.y] };
    const show = () => setDraft({ ...edits, strokes: [...edits.strokes, stroke] });
    show();
    return {
      move(to) {
        setHover(to);
        const [x, y] = stroke.points.slice(-2);
        if (Math.hypot(to.x - x, to.y - y) < 2) return;
        stroke = { ...stroke, points: [...stroke.points, to.x, to.y] };
        show();
      },
      end() {
        const label = brush.kind === 'add' ? 'Outline added' : 'Outline removed';
        void edit(label, (now) => ({ ...now, strokes: [...now.strokes, stroke] }));
      },
      cancel: () => setDraft(null),
    };
  }

  const paint = useCallback<Paint>(
    (g, place, pane) => {
      if (photo.value) drawPicture(g, photo.value, CANVAS, place);
      if (overlays.matte && matte.value) drawMatte(g, matte.value, CANVAS, place);
      if (overlays.boxes) drawParts(g, reports, place, pane, null);
      if (overlays.skeleton && keypoints) drawSkeleton(g, keypoints, place, joint);
      if (explained) {
        drawCrosshair(
          g,
          (explained.column + 0.5) * place.scale + place.offsetX,
          (explained.row + 0.5) * place.scale + place.offsetY,
        );
      }
      // A stroke stays drawn until the outline that it gives is there.
      if (tool === 'paint') {
        const newest = draft?.strokes.at(-1);
        if (newest) drawStroke(g, newest, place);
        if (hover) drawBrush(g, hover, brush.radiusPx, place);
      }
    },
    [
      photo.value,
      matte.value,
      overlays,
      reports,
      keypoints,
      joint,
      tool,
      draft,
      hover,
      brush.radiusPx,
      explained,
    ],
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
      cursor={tool === 'paint' ? 'none' : tool === 'joints' ? 'pointer' : undefined}
      onToolKey={toolKey}
      onGrab={tool === 'joints' ? grabJoint : tool === 'paint' ? grabBrush : undefined}
      caption={
        <>
          <b>Photo</b> · {CANVAS_SIZE} × {CANVAS_SIZE}
        </>
      }
      onPoint={(point, place) => {
        setHover(tool === 'paint' ? point : null);
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
        );
      }}
      onPick={(point) => {
        if (tool !== 'look') return;
        const part = overlays.boxes ? partAt(reports, point.x, point.y) : null;
        if (!part) {
          void explain({ row: Math.floor(point.y), column: Math.floor(point.x) });
          return;
        }
        selectPart(part);
        setView('parts');
      }}
    >
      <PhotoTools />
    </PicturePane>
  );
}

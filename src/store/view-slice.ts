/** Where the person looks: view, stage, part, side, overlays, maps, light. */
import type { StageId } from '../digitizer/types.ts';
import type { SliceContext } from './context.ts';
import type { MapChoice, ViewId, ViewSlice } from './view-state.ts';

export const VIEW_OF_STAGE: Readonly<Record<StageId, ViewId>> = {
  photo: 'photo',
  matte: 'photo',
  pose: 'photo',
  parts: 'parts',
  coarse: 'maps',
  partNormals: 'parts',
  mergedNormals: 'maps',
  fineDepth: 'maps',
  cloud: 'model',
  surface: 'model',
};

/** The stage a view shows when it is chosen by itself. */
const STAGE_OF_VIEW: Readonly<Record<ViewId, StageId>> = {
  photo: 'photo',
  parts: 'partNormals',
  maps: 'mergedNormals',
  model: 'surface',
};

/** What the maps view shows when a stage is chosen in the rail, or has just been done. */
export const MAP_OF_STAGE: Partial<Readonly<Record<StageId, MapChoice>>> = {
  coarse: { map: 'coarseNormals', side: 'front' },
  mergedNormals: { map: 'normals', side: 'front' },
  fineDepth: { map: 'depth', side: 'front' },
};

/** The stage whose result a map is; the photo among the maps is nobody's. */
const STAGE_OF_MAP: Readonly<Record<MapChoice['map'], StageId | null>> = {
  photo: null,
  coarseNormals: 'coarse',
  partNormals: null,
  normals: 'mergedNormals',
  relit: 'mergedNormals',
  coarseDepth: 'coarse',
  depth: 'fineDepth',
  thickness: 'fineDepth',
  overlap: 'mergedNormals',
};

/** The stage that the rail marks beside a view: always one whose result that view shows. */
function stageBeside(view: ViewId, stage: StageId, left: MapChoice): StageId {
  const ofMap = view === 'maps' ? STAGE_OF_MAP[left.map] : null;
  return ofMap ?? (VIEW_OF_STAGE[stage] === view ? stage : STAGE_OF_VIEW[view]);
}

export function viewSlice({ set }: SliceContext): ViewSlice {
  return {
    view: 'photo',
    stage: 'photo',
    following: true,
    part: 'upperBody',
    side: 'front',
    overlays: { matte: false, skeleton: true, boxes: false },
    maps: {
      left: { map: 'normals', side: 'front' },
      right: { map: 'photo', side: 'front' },
      ...{ mode: 'wipe', wipe: 0.5, blend: 0.5 },
    },
    light: { x: -0.45, y: 0.55 },
    joint: null,
    pointer: null,
    look: null,
    sheetOpen: false,
    folded: { rail: null, inspector: null },

    setView: (view) =>
      set((state) => ({
        view,
        following: false,
        stage: stageBeside(view, state.stage, state.maps.left),
      })),

    selectStage: (stage) =>
      set(({ maps, overlays }) => ({
        stage,
        view: VIEW_OF_STAGE[stage],
        following: false,
        maps: { ...maps, left: MAP_OF_STAGE[stage] ?? maps.left },
        overlays:
          stage === 'matte'
            ? { ...overlays, matte: true }
            : stage === 'pose'
              ? { ...overlays, skeleton: true }
              : overlays,
      })),

    selectPart: (part) => set({ part, pointer: null }),
    selectSide: (side) => set({ side }),
    toggleOverlay: (name) => set(({ overlays }) => ({ overlays: { ...overlays, [name]: !overlays[name] } })),
    setMaps: (change) =>
      set(({ view, maps, stage }) => ({
        maps: { ...maps, ...change },
        stage: change.left && view === 'maps' ? stageBeside(view, stage, change.left) : stage,
      })),
    setLight: (x, y) => {
      const length = Math.max(1, Math.hypot(x, y));
      set({ light: { x: x / length, y: y / length } });
    },
    setJoint: (joint) => set({ joint }),
    setPointer: (pointer) => set({ pointer }),
    setLook: (look) => set({ look }),
    setSheetOpen: (sheetOpen) => set({ sheetOpen }),
    setFolded: (change) => set(({ folded }) => ({ folded: { ...folded, ...change } })),
  };
}

/** What the world around a session does for it: pose, surface, files; the worker hands over the product's, tests their own. */
import type { RgbaImage } from '../base/images.ts';
import type { EstimatedPose } from '../intake/estimated-pose.ts';
import type { FoundPeople } from '../intake/pose/people.ts';
import type { NetworkRuntime } from '../networks/runtime.ts';
import type { OpenWasmRuntime } from './engine.ts';
import type { FileWork } from './file-work.ts';
import type { ResultShelf } from './kept-results.ts';
import type { MeshSimplifier } from './simplified-meshes.ts';
import type { RunServices } from './stage.ts';
import type { PhotoResult } from './stages/photo.ts';

export interface SessionServices {
  /** Everybody in a picture. @param networks where the pose graphs run. */
  findPeople(picture: RgbaImage, networks: NetworkRuntime): Promise<FoundPeople>;
  /** Points and outline of one person in a picture; null when nobody is found. @param whom null: the largest one. */
  detect(
    picture: RgbaImage,
    whom: PhotoResult['whom'],
    networks: NetworkRuntime,
  ): Promise<EstimatedPose | null>;
  /** The visitor still looks for a photo: what the first run needs can be made ready. */
  prepare?(networks: NetworkRuntime): void;
  readonly solveSurface: RunServices['solveSurface'];
  readonly simplify: MeshSimplifier;
  /** Where pictures are decoded and files written; left out: in this thread, which that blocks. */
  readonly files?: FileWork;
  /** Where results of long stages are kept outside memory; left out: nowhere. */
  readonly shelf?: ResultShelf | null;
  /** Where networks run on the processor; left out: in this thread. */
  readonly openWasm?: OpenWasmRuntime;
}

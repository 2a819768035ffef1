/** A mesh with texture coordinates and pictures, as the atlas makes it and the exporters write it. */
import type { SurfaceMesh } from './mesh.ts';

/** A picture as a file's bytes: what formats embed or put beside the mesh. */
export interface EncodedPicture {
  readonly mime: 'image/jpeg' | 'image/png';
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface TexturedMesh {
  /** In the frame of OrientedCloud, 3 per vertex. A vertex on a seam is there once for each chart, in the same place. */
  readonly positions: Float32Array<ArrayBuffer>;
  /** Unit, 3 per vertex; the same on both sides of a seam. */
  readonly normals: Float32Array<ArrayBuffer>;
  /** 2 per vertex, in [0, 1]; (0, 0) is the upper left corner of the picture, as in glTF (OBJ and USD count v from below). */
  readonly uvs: Float32Array<ArrayBuffer>;
  /** MikkTSpace, 4 per vertex: unit x y z and w = +-1; bitangent = w * cross(normal, tangent), up in the picture. */
  readonly tangents: Float32Array<ArrayBuffer>;
  /** 3 per triangle, counter-clockwise from outside. */
  readonly indices: Uint32Array<ArrayBuffer>;
  /** Vertex of the closed mesh that each vertex was: with it, parts that a seam cuts join again (rig, print). */
  readonly sources: Uint32Array<ArrayBuffer>;
  /** The closed mesh itself, its vertex colours and all. */
  readonly mesh: SurfaceMesh;
  /** sRGB. */
  readonly colour: EncodedPicture;
  /** Tangent space, as glTF has it: x right, y up, z out of the surface, each n / 2 + 1 / 2. */
  readonly normal: EncodedPicture;
  /** Sentences the visitor should know: a smaller atlas than asked for. */
  readonly notices: readonly string[];
}

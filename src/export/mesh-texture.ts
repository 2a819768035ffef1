/** Pictures on a mesh, where a figure has any: exporters that can hold them take them in the place of vertex colours. */

/** A picture file as it goes into other files. */
export interface TextureImage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Only what every reader of these formats takes. */
  readonly mime: 'image/png' | 'image/jpeg';
}

export interface MeshTexture {
  /** 2 per vertex, in [0, 1], origin in the picture's upper left corner, v down (as in glTF). */
  readonly uvs: Float32Array<ArrayBuffer>;
  /** MikkTSpace, 4 per vertex, as in TexturedMesh; readers work them out of the places where there are none. */
  readonly tangents?: Float32Array<ArrayBuffer>;
  /** sRGB. */
  readonly colour: TextureImage;
  /** Tangent space, y up, as in glTF. */
  readonly normals?: TextureImage;
}

/** File ending of a picture, without the dot. */
export function endingOf(image: TextureImage): 'png' | 'jpg' {
  return image.mime === 'image/png' ? 'png' : 'jpg';
}

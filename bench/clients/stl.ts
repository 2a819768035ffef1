/** The triangles of a GLB as binary STL, in mm, z up, for programs that read no glTF. */

/** @param glb a file of src/export/glb.ts: one mesh under one node with a uniform scale. */
export function stlOf(glb: Uint8Array): Uint8Array {
  const view = new DataView(glb.buffer, glb.byteOffset, glb.byteLength);
  const jsonBytes = view.getUint32(12, true);
  const json = JSON.parse(new TextDecoder().decode(glb.subarray(20, 20 + jsonBytes)));
  const start = 20 + jsonBytes + 8;
  const [{ attributes, indices }] = json.meshes[0].primitives;
  const offsetOf = (accessor: number) =>
    start + (json.bufferViews[json.accessors[accessor].bufferView].byteOffset ?? 0);
  const [scale] = json.nodes[0].scale;
  const [x, y, z] = json.nodes[0].translation;
  const positions = offsetOf(attributes.POSITION);
  const corners = offsetOf(indices);
  const { count, componentType } = json.accessors[indices];
  const out = new DataView(new ArrayBuffer(84 + (count / 3) * 50));
  out.setUint32(80, count / 3, true);
  for (let corner = 0; corner < count; corner++) {
    const v =
      componentType === 5123
        ? view.getUint16(corners + corner * 2, true)
        : view.getUint32(corners + corner * 4, true);
    const at = (k: number) => view.getFloat32(positions + v * 12 + k * 4, true) * scale;
    const to = 84 + Math.floor(corner / 3) * 50 + 12 + (corner % 3) * 12;
    out.setFloat32(to, (at(0) + x) * 1000, true);
    out.setFloat32(to + 4, -(at(2) + z) * 1000, true);
    out.setFloat32(to + 8, (at(1) + y) * 1000, true);
  }
  return new Uint8Array(out.buffer);
}

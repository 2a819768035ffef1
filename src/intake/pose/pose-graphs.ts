/**
 * The graphs that find a person's points, as this room needs them: crop in, named numbers out. Who runs them
 * (onnxruntime in a page's worker, or natively in a test) is not known here.
 */
export type PoseGraphId = 'person' | 'body' | 'hand' | 'face';

/** Side of the square picture that each graph takes, px. */
export const GRAPH_SIDE: Readonly<Record<PoseGraphId, number>> = {
  person: 224,
  body: 256,
  hand: 224,
  face: 192,
};

export interface PoseGraphs {
  /**
   * @param crop planar RGB [3, side, side]; -1..1 for `person`, 0..1 for the others. Stays the caller's.
   * @returns outputs by name, flat, row-major: see the file that reads them.
   */
  run(graph: PoseGraphId, crop: Float32Array<ArrayBuffer>): Promise<Readonly<Record<string, Float32Array>>>;
}

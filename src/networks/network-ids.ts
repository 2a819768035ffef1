/**
 * The eight networks, their names here and their key prefixes in the reference's state_dict (docs/method.md#networks).
 * The five part networks are named for the kind of part they serve.
 */
import { COARSE_SIZE, CROP_SIZES, type CropSize, PART_KINDS } from '../geometry/body.ts';

export const NETWORK_IDS = ['coarseNormal', 'coarseDepth', ...PART_KINDS, 'fineDepth'] as const;
export type NetworkId = (typeof NETWORK_IDS)[number];

/** Key prefix of each network, without the dot that follows. */
export const KEY_PREFIX: Readonly<Record<NetworkId, string>> = {
  coarseNormal: 'img2normal_down',
  coarseDepth: 'ImgNorm_to_Dep',
  face: 'img2normal_face',
  upper: 'img2normal_upper',
  arm: 'img2normal_arm',
  leg: 'img2normal_leg',
  foot: 'img2normal_shoe',
  fineDepth: 'refine',
};

/** Input size of a network in the chain; fineDepth has none of its own (the planner chooses its tile). */
export function networkSize(id: Exclude<NetworkId, 'fineDepth'>): CropSize {
  if (id === 'coarseNormal' || id === 'coarseDepth') return { height: COARSE_SIZE, width: COARSE_SIZE };
  return CROP_SIZES[id];
}

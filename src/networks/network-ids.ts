/** The eight networks, their names here and their key prefixes in the reference's state_dict (FACTS section 1). */
import { COARSE_SIZE, CROP_SIZES, type CropSize, PART_KINDS, type PartKind } from '../geometry/body.ts';

export const NETWORK_IDS = [
  'coarseNormal',
  'coarseDepth',
  'faceNormal',
  'upperNormal',
  'armNormal',
  'legNormal',
  'footNormal',
  'fineDepth',
] as const;
export type NetworkId = (typeof NETWORK_IDS)[number];

/** Key prefix of each network, without the dot that follows. */
export const KEY_PREFIX: Readonly<Record<NetworkId, string>> = {
  coarseNormal: 'img2normal_down',
  coarseDepth: 'ImgNorm_to_Dep',
  faceNormal: 'img2normal_face',
  upperNormal: 'img2normal_upper',
  armNormal: 'img2normal_arm',
  legNormal: 'img2normal_leg',
  footNormal: 'img2normal_shoe',
  fineDepth: 'refine',
};

const PART_NETWORK: Readonly<Record<PartKind, NetworkId>> = {
  face: 'faceNormal',
  upper: 'upperNormal',
  arm: 'armNormal',
  leg: 'legNormal',
  foot: 'footNormal',
};

/** The network that serves parts of one kind. */
export function partNetwork(kind: PartKind): NetworkId {
  return PART_NETWORK[kind];
}

/** Input size of a network in the chain; fineDepth has none of its own (the planner chooses its tile). */
export function networkSize(id: Exclude<NetworkId, 'fineDepth'>): CropSize {
  const kind = PART_KINDS.find((k) => PART_NETWORK[k] === id);
  return kind ? CROP_SIZES[kind] : { height: COARSE_SIZE, width: COARSE_SIZE };
}

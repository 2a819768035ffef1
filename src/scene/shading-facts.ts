/** What can be set about a shading; without three.js, for the panels. */
import type { Shading } from '../store/model-state.ts';

/** Their light can be brighter or darker; in the others the colour is a reading. */
export const EXPOSED: readonly Shading[] = ['colour', 'clay', 'matcap'];

/** Lit by the lamp that the person moves. */
export const LAMP_LIT: readonly Shading[] = ['clay'];

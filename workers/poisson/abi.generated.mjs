// Written by build.mjs from assembly/; do not edit.
export const CANVAS_PX = 2048;
export const CUBE_TABLE_BYTES = 20480;
export const DEEPEST_LEVEL = 11;
export const FAIL_HELPER = 4;
export const FAIL_MEMORY = 1;
export const FAIL_NO_SURFACE = 2;
export const FAIL_TOO_LARGE = 3;
export const FAIL_TRAP = 5;
export const PHASE_CASCADE = 4;
export const PHASE_EXTRACT = 5;
export const PHASE_RESTRICT = 2;
export const PHASE_ROOT = 3;
export const PHASE_SAMPLES = 0;
export const PHASE_SPLAT = 1;
export const SAMPLE_BLOCK = 4096;
export const SURVEY_NUMBERS = 17;

/** What a file dialog offers: photos and masks, and an OpenPose JSON. */
export const ACCEPTED_FILES = 'image/*,.json,application/json';

/** What a file dialog offers: photos and masks, an OpenPose JSON, weights (a pack or a checkpoint). */
export const ACCEPTED_FILES = 'image/*,.json,application/json,.zip,.safetensors,.pth,.pt,.ckpt,.tar,.gz,.tgz';

/** What a file dialog offers: photos and masks, a keypoints JSON, weights (a pack or a checkpoint). */
export const ACCEPTED_FILES = 'image/*,.json,application/json,.zip,.safetensors,.pth,.pt,.ckpt,.tar,.gz,.tgz';

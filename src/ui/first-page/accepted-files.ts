/**
 * What a file dialog offers: photos and masks (many systems do not count HEIC among "image/*"), a keypoints JSON,
 * weights (a pack or a checkpoint).
 */
export const ACCEPTED_FILES =
  'image/*,.heic,.heif,.hif,.avif,.json,application/json,.zip,.safetensors,.pth,.pt,.ckpt,.tar,.gz,.tgz';

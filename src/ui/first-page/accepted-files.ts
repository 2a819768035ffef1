/**
 * What a file dialog offers: photos and masks (many systems do not count HEIC among "image/*"), a keypoints JSON,
 * weights (a pack or a checkpoint), a project that was saved here.
 */
export const ACCEPTED_FILES =
  '.statuette,image/*,.heic,.heif,.hif,.avif,.json,application/json,.zip,.safetensors,.pth,.pt,.ckpt,.tar,.gz,.tgz';

"""Pictures before the networks: centre padding, the fixed colour jitter, the normalised canvas."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from .keypoints import CANVAS


def read_picture(path: Path, flags: int = cv2.IMREAD_COLOR) -> np.ndarray:
    """A picture file as OpenCV has it (BGR). Raises ValueError when it cannot be read."""
    image = cv2.imread(str(path), flags)
    if image is None:
        raise ValueError(f"{path} is no picture that can be read")
    return image


def luminance(rgb: np.ndarray) -> np.ndarray:
    """Integer grey level of f32 [..., 3] in 0..255, as Pillow computes it."""
    return np.floor((19595 * rgb[..., 0] + 38470 * rgb[..., 1] + 7471 * rgb[..., 2] + 32768) / 65536)


def jitter(rgb: np.ndarray, brightness: float = 0.85, contrast: float = 0.85, saturation: float = 0.85) -> np.ndarray:
    """Brightness, contrast, saturation in this order on [H, W, 3]; truncated to whole grey levels after each step."""
    x = np.trunc(np.float32(brightness) * rgb.astype(np.float32))
    level = np.floor(luminance(x).mean() + 0.5).astype(np.float32)
    x = np.trunc(level + np.float32(contrast) * (x - level))
    grey = luminance(x)[..., None].astype(np.float32)
    return np.clip(np.trunc(grey + np.float32(saturation) * (x - grey)), 0, 255)


def pad_square(image: np.ndarray, size: int = CANVAS) -> np.ndarray:
    """Centre-pads with the replicated border and resizes (bicubic) to size x size."""
    h, w = image.shape[:2]
    top, left = max(0, (w - h) // 2), max(0, (h - w) // 2)
    image = cv2.copyMakeBorder(image, top, max(0, w - h - top), left, max(0, h - w - left), cv2.BORDER_REPLICATE)
    return image if image.shape[0] == size else cv2.resize(image, (size, size), interpolation=cv2.INTER_CUBIC)


def network_input(rgb: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """f32 [3, 2048, 2048] in -1..1 from uint8 [2048, 2048, 3] and a boolean mask; the ground is black."""
    x = jitter(np.where(mask[..., None], rgb, 0))
    return np.ascontiguousarray((x / 127.5 - 1).transpose(2, 0, 1).astype(np.float32))

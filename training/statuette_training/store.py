"""Views in memory, on the training device: coarse set and part crops; grows while a generator writes.

Depth is kept as int16 (uint16 - 32768) and becomes network units by (x + 32768) / 16384; 0 is empty.
"""

from __future__ import annotations

import threading
import time
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .keypoints import CANVAS, CROP, stored_part

PARTS = tuple(CROP)
PIECE = 200  # views read before they are put into the tensors
FIRST_READ = 2000  # views that `wait_for` reads at most at once, so that training may begin


def depth_from_code(code: Tensor) -> Tensor:
    """int16 codes to f32 network units."""
    return (code.float() + 32768) / 16384


def code_of(depth16: np.ndarray) -> np.ndarray:
    return (depth16.astype(np.int32) - 32768).astype(np.int16)


class Growing:
    """A tensor [n, ...] that grows by doubling; `data` is the filled part."""

    def __init__(self, shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> None:
        self.buffer = torch.empty((16, *shape), dtype=dtype, device=device)
        self.n = 0

    def append(self, items: list[np.ndarray]) -> None:
        if not items:
            return
        need = self.n + len(items)
        if need > len(self.buffer):
            larger = torch.empty((max(need, int(len(self.buffer) * 1.3)), *self.buffer.shape[1:]),
                                 dtype=self.buffer.dtype, device=self.buffer.device)
            larger[: self.n] = self.buffer[: self.n]
            self.buffer = larger
        self.buffer[self.n : need] = torch.from_numpy(np.stack(items)).to(self.buffer.device)
        self.n = need

    @property
    def data(self) -> Tensor:
        return self.buffer[: self.n]


@dataclass
class PartCrops:
    """Crops of one kind; `view` and `row` say which view and which of its twelve parts, `body` where somebody is."""

    crops: Growing
    view: list[int] = field(default_factory=list)
    row: list[int] = field(default_factory=list)
    body: list[tuple[int, int, int, int]] = field(default_factory=list)  # first and last row, first and last column


def body_box(crop: np.ndarray) -> tuple[int, int, int, int]:
    """Rows and columns of a crop [h, w, 9] with a front surface, on a grid of four pixels; all of it when empty."""
    seen = crop[::4, ::4, 5] > 0
    rows, columns = np.nonzero(seen.any(1))[0], np.nonzero(seen.any(0))[0]
    if not len(rows):
        return 0, crop.shape[0] - 1, 0, crop.shape[1] - 1
    return int(rows[0]) * 4, int(rows[-1]) * 4, int(columns[0]) * 4, int(columns[-1]) * 4


class Store:
    """All views of one folder, at most `limit`; some without part crops. rescan() adds new files."""

    def __init__(self, directory: Path, device: torch.device, limit: int = 12000, rescan_seconds: float = 15.0,
                 crops: Collection[str] = PARTS) -> None:
        # Without any crops a view takes 0.5 MB, not 3.
        self.unwanted = tuple(f"crop_{stored_part(p)}" for p in PARTS if p not in crops)
        self.directory, self.device, self.limit = directory, device, limit
        self.rescan_seconds, self._last = rescan_seconds, -1e9
        self._seen: set[str] = set()
        self._reader: threading.Thread | None = None
        self._read: list[tuple[Path, dict[str, np.ndarray], bool]] = []
        self.names: list[str] = []
        self.full: list[Path] = []
        self.colour = Growing((256, 256, 3), torch.uint8, device)
        self.front = Growing((256, 256), torch.int16, device)
        self.back = Growing((256, 256), torch.int16, device)
        self.boxes: list[tuple[int, int, int, int]] = []
        self.thetas: list[np.ndarray] = []
        self.mm_per_unit: list[float] = []
        self.crop_views = 0  # views beyond this one have no part crops
        self.parts = {p: PartCrops(Growing((*CROP[p], 9), torch.uint8, device)) for p in PARTS}

    def __len__(self) -> int:
        return len(self.names)

    def _read_fresh(self, most: int) -> None:
        fresh = [p for p in sorted(self.directory.glob("*.npz")) if p.name not in self._seen]
        for path in fresh[: max(0, min(most, self.limit - len(self)))]:
            self._seen.add(path.name)
            try:
                with np.load(path) as z:
                    keys = [k for k in z.files if not k.startswith("full_") and k not in self.unwanted]
                    self._read.append((path, {k: z[k] for k in keys}, "full_box" in z.files))
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                print(f"skipped {path.name}: {error}", flush=True)

    def rescan(self, force: bool = False, most: int = 300) -> int:
        """Adds new views; returns how many. Reads in the background; `force` reads and waits."""
        if self._reader is not None and (force or not self._reader.is_alive()):
            self._reader.join()
            self._reader = None
        elif self._reader is not None:
            return 0
        added = self._take_read()
        while force and added < most:
            # A few at a time: what is read at once is memory that the process keeps.
            self._read_fresh(min(PIECE, most - added))
            fresh = self._take_read()
            if not fresh:
                break
            added += fresh
        now = time.monotonic()
        if not force and len(self) < self.limit and now - self._last >= self.rescan_seconds:
            self._last = now
            self._reader = threading.Thread(target=self._read_fresh, args=(most,), daemon=True)
            self._reader.start()
        return added

    def _take_read(self) -> int:
        records, self._read = self._read, []
        if records:
            self._append(records)
        return len(records)

    def _append(self, records: list[tuple[Path, dict[str, np.ndarray], bool]]) -> None:
        first = len(self.names)
        self.colour.append([r["low"] for _, r, _ in records])
        self.front.append([code_of(r["front"]) for _, r, _ in records])
        self.back.append([code_of(r["back"]) for _, r, _ in records])
        for k, (path, r, full) in enumerate(records):
            rows, columns = np.nonzero(r["front"].any(1))[0], np.nonzero(r["front"].any(0))[0]
            self.boxes.append((int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1])))
            self.names.append(path.stem)
            self.thetas.append(r["thetas"])
            self.mm_per_unit.append(float(r["mm_per_unit"]))
            if full:
                self.full.append(path)
            for part, kept in self.parts.items():
                stored = stored_part(part)
                if f"crop_{stored}" in r:
                    self.crop_views = first + k + 1
                    kept.view.append(first + k)
                    kept.row.append(int(r[f"row_{stored}"]))
                    kept.body.append(body_box(r[f"crop_{stored}"]))
        for part, kept in self.parts.items():
            key = f"crop_{stored_part(part)}"
            kept.crops.append([r[key] for _, r, _ in records if key in r])

    def wait_for(self, views: int, seconds: float, working: Callable[[], bool] = lambda: True) -> None:
        """Blocks until that many views are loaded. Raises TimeoutError, at once when nobody is working on it."""
        end = time.monotonic() + seconds
        while len(self) < views:
            busy = working()  # asked first: what was finished meanwhile is then read
            self.rescan(force=True, most=FIRST_READ)
            if len(self) >= views:
                return
            if time.monotonic() > end or not busy:
                raise TimeoutError(f"only {len(self)} of {views} views in {self.directory}, and "
                                   f"{'too slow a' if busy else 'no'} generator: see generate.log")
            time.sleep(0.5)


@dataclass
class FullView:
    """One whole view at 2048, pictures in `box` (y0, y1, x0, x1)."""

    name: str
    box: tuple[int, int, int, int]
    colour: np.ndarray
    front: np.ndarray  # f32 D units
    back: np.ndarray
    keypoints: np.ndarray
    thetas: np.ndarray
    mm_per_unit: float
    combination: str

    def on_canvas(self, image: np.ndarray, box: tuple[int, int, int, int] = (0, CANVAS, 0, CANVAS)) -> np.ndarray:
        """A picture of this view's box, cut out of the 2048 canvas along another box; the whole canvas by default."""
        full = np.zeros((CANVAS, CANVAS, *image.shape[2:]), image.dtype)
        y0, y1, x0, x1 = self.box
        full[y0:y1, x0:x1] = image
        y0, y1, x0, x1 = box
        return full[y0:y1, x0:x1]


def read_full(path: Path) -> FullView:
    """Reads a view written with its whole picture. Raises KeyError when it has none."""
    with np.load(path) as z:
        y0, y1, x0, x1 = (int(b) for b in z["full_box"])
        return FullView(path.stem, (y0, y1, x0, x1), z["full_colour"],
                        z["full_front"].astype(np.float32) / 32, z["full_back"].astype(np.float32) / 32,
                        z["keypoints"].astype(np.float64), z["thetas"], float(z["mm_per_unit"]), str(z["combination"]))

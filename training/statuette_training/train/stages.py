"""One object per kind of stage: which networks it trains, its loss, and what it measures on held-out views."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..augment import Augment
from ..losses import DepthWeights, coarse_depth_loss, consistency_normals, fine_depth_loss, fine_part, normal_loss
from ..networks import PART_NETS, PREFIXES, Model
from ..store import Store
from ..widen import widen_network
from .batches import CoarseBatch, CoarseNormals, PartBatch, coarse_batch, coarse_canvases, part_batch, test_input
from .plan import Plan, Stage
from .precision import bf16_pays
from .tiles import TileView, prepare_all, tile_batch

SHARED_SHARE = {"face": 0.28, "upper": 0.25, "arm": 0.2, "leg": 0.17, "foot": 0.1}


def mean_angle(predicted: Tensor, target: Tensor, mask: Tensor) -> float:
    """Mean angle in degrees between coded normals [B, 3, H, W] over mask [B, H, W]."""
    cosine = F.cosine_similarity(predicted.float() * 2 - 1, target.float() * 2 - 1, dim=1).clamp(-1, 1)
    return float((torch.rad2deg(torch.acos(cosine)) * mask).sum() / mask.sum().clamp(min=1))


def detail_correlation(predicted: Tensor, target: Tensor, mask: Tensor) -> float:
    """How far the fine parts of coded normals [B, 3, H, W] agree, 1 for the same and 0 for none, over mask
    [B, 1, H, W] without its rim. Mean angles hardly see folds: a sack in their place costs two degrees."""
    inside = mask * (F.avg_pool2d(mask, 9, 1, 4) > 0.99)
    p, t = fine_part(predicted)[:, :2] * inside, fine_part(target)[:, :2] * inside
    return float((p * t).sum() / ((p * p).sum() * (t * t).sum()).sqrt().clamp(min=1e-6))


def both_normals(front: Tensor, back: Tensor) -> Tensor:
    return torch.cat((consistency_normals(front), consistency_normals(back)), 1)


class Shared:
    """What all stages of a pack share: model, data, random streams, precision."""

    def __init__(self, model: Model, train: Store, held: Store, plan: Plan, seed: int,
                 normals: dict[str, CoarseNormals] | None = None) -> None:
        self.model, self.train, self.held, self.plan = model, train, held, plan
        self.normals = {} if normals is None else normals  # predicted coarse normals, kept from stage to stage
        self.device = train.device
        self.rng = np.random.default_rng(seed)
        self.augment = Augment(self.device, seed)

    @property
    def bf16(self) -> bool:
        """On a GPU, and where the plan allows it on a CPU that is faster with it."""
        return self.device.type == "cuda" or (self.plan.bf16_on_cpu and bf16_pays())

    def fast(self) -> torch.autocast | nullcontext[None]:
        return torch.autocast(self.device.type, torch.bfloat16) if self.bf16 else nullcontext()


class Task:
    """Base: `nets` are trained, `loss` draws one batch."""

    batch_norm_trains = True

    def __init__(self, shared: Shared, stage: Stage) -> None:
        self.s, self.stage = shared, stage
        self.nets: list[nn.Module] = []

    def loss(self) -> Tensor:
        raise NotImplementedError

    def observe(self) -> None:
        """One forward pass in training mode, for BatchNorm statistics."""
        raise NotImplementedError

    def measure(self) -> dict[str, float]:
        raise NotImplementedError

    def finish(self) -> None:
        """After the averaged weights are in place."""
        if self.s.model.img2normal_down in self.nets:
            self.s.normals.clear()

    def refresh(self) -> None:
        """After an earlier network has changed while this one trains."""
        self.s.normals.clear()

    @contextmanager
    def frozen_others(self) -> Iterator[None]:
        self.s.model.eval()
        for net in self.nets:
            net.train(self.batch_norm_trains)
        yield
        self.s.model.eval()


def _coarse(s: Shared, stage: Stage) -> CoarseBatch:
    return coarse_batch(s.train, stage.batch, stage.window, s.rng, s.augment)


class CoarseNormalsTask(Task):
    def __init__(self, shared: Shared, stage: Stage) -> None:
        super().__init__(shared, stage)
        self.nets = [shared.model.img2normal_down]

    def loss(self) -> Tensor:
        b = _coarse(self.s, self.stage)
        with self.s.fast():
            n = self.s.model.img2normal_down(b.x)
        return normal_loss(n.float(), both_normals(b.front, b.back), b.mask)

    def observe(self) -> None:
        self.s.model.img2normal_down(_coarse(self.s, self.stage).x)

    def measure(self) -> dict[str, float]:
        return measure_coarse(self.s.model, self.s.held)


class CoarseDepthTask(Task):
    """Coarse depth on predicted normals; `joint` trains the normals along, through the depth loss too."""

    def __init__(self, shared: Shared, stage: Stage) -> None:
        super().__init__(shared, stage)
        self.joint = stage.kind == "joint"
        m = shared.model
        self.nets = [m.ImgNorm_to_Dep, m.img2normal_down] if self.joint else [m.ImgNorm_to_Dep]

    def _forward(self, b: CoarseBatch) -> tuple[Tensor, Tensor]:
        m = self.s.model
        with torch.set_grad_enabled(self.joint and torch.is_grad_enabled()):
            n = m.img2normal_down(b.x)
        return n, m.ImgNorm_to_Dep(b.x, n)

    def loss(self) -> Tensor:
        b = _coarse(self.s, self.stage)
        with self.s.fast():
            n, raw = self._forward(b)
        total = coarse_depth_loss(raw.float(), b.front, b.back, DepthWeights())
        if self.joint:
            total = total + 0.3 * normal_loss(n.float(), both_normals(b.front, b.back), b.mask)
        return total

    def observe(self) -> None:
        self._forward(_coarse(self.s, self.stage))

    def measure(self) -> dict[str, float]:
        return measure_coarse(self.s.model, self.s.held)


class PartsTask(Task):
    def __init__(self, shared: Shared, stage: Stage) -> None:
        super().__init__(shared, stage)
        self.kinds = [stage.only] if stage.only else list(PART_NETS)
        # One network for all parts has the narrowest width; wider ones then begin as what it has learned.
        self.part = stage.only or min(PART_NETS, key=shared.model.widths.of_part)
        self.net = shared.model.part_net(self.part)
        self.nets = [self.net]
        self._coarse_normals()

    def _coarse_normals(self) -> None:
        batch = 64 if self.s.device.type == "cuda" else 8
        normals, kept = self.s.model.img2normal_down, self.s.normals
        if not kept:
            kept["train"] = CoarseNormals(self.s.train, normals, self.s.augment, batch)
            kept["held"] = CoarseNormals(self.s.held, normals, None, batch)
        self.normals, self.held_normals = kept["train"], kept["held"]
        self._update()
        self.held_normals.update()

    def refresh(self) -> None:
        super().refresh()
        self._coarse_normals()

    def _update(self) -> None:
        with self.s.fast():
            self.normals.update()

    def _draw(self) -> list[str]:
        if self.stage.only:
            return [self.stage.only] * self.stage.batch
        names = list(SHARED_SHARE)
        return [names[int(i)] for i in self.s.rng.choice(len(names), self.stage.batch, p=list(SHARED_SHARE.values()))]

    def _batch(self) -> PartBatch:
        return part_batch(self.s.train, self.normals, self._draw(), self.stage.window, self.s.rng, self.s.augment,
                          self.stage.focus)

    def loss(self) -> Tensor:
        if len(self.normals.data) < self.s.train.crop_views:
            self._update()
        b = self._batch()
        with self.s.fast():
            n = self.net(b.x)
        return normal_loss(n.float(), b.target, b.mask, self.stage.detail)

    def observe(self) -> None:
        self.net(self._batch().x)

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        out = {}
        rng = np.random.default_rng(7)
        for kind in self.kinds:
            front, back, fine = [], [], []
            for _ in range(4):
                b = part_batch(self.s.held, self.held_normals, [kind] * 8, self.stage.window, rng, None,
                               self.stage.focus)
                n = self.net(b.x).float()
                front.append(mean_angle(n[:, :3], b.target[:, :3], b.mask[:, 0]))
                back.append(mean_angle(n[:, 3:], b.target[:, 3:], b.mask[:, 0]))
                fine.append(detail_correlation(n[:, :3], b.target[:, :3], b.mask))
            out[f"{kind}_front_deg"], out[f"{kind}_back_deg"] = float(np.mean(front)), float(np.mean(back))
            out[f"{kind}_front_fine"] = float(np.mean(fine))
        return out

    def finish(self) -> None:
        if self.stage.only is None:
            for part in PART_NETS:
                if part != self.part:
                    widen_network(PREFIXES[part], self.net, self.s.model.part_net(part))


class FineDepthTask(Task):
    # Batches are a few tiles of one or two people: running statistics would wander, so they are not used.
    batch_norm_trains = False

    def __init__(self, shared: Shared, stage: Stage) -> None:
        super().__init__(shared, stage)
        self.nets = [shared.model.refine]
        limit, views = shared.plan.prepare_seconds, shared.plan.fine_depth_views
        shared.model.eval()
        with shared.fast():
            self.views: list[TileView] = prepare_all(shared.model, shared.train.full, views, limit, shared.rng,
                                                     shared.device)
            held = prepare_all(shared.model, shared.held.full, min(12, views), limit / 4,
                               np.random.default_rng(7), shared.device)
        self.check = [tile_batch(held, 4, stage.window or (320, 320), np.random.default_rng(k)) for k in range(4)]

    def loss(self) -> Tensor:
        window = self.stage.window or (320, 320)
        coarse, normals, front, back = tile_batch(self.views, self.stage.batch, window, self.s.rng)
        return fine_depth_loss(self.s.model.refine(coarse, normals), front, back)  # f32: see PreciseConv

    def observe(self) -> None:
        return

    @torch.no_grad()
    def measure(self) -> dict[str, float]:
        values = [float(fine_depth_loss(self.s.model.refine(a, b), c, d)) for a, b, c, d in self.check]
        return {"tile_loss": float(np.mean(values))}


TASKS: dict[str, type[Task]] = {
    "coarse-normals": CoarseNormalsTask, "coarse-depth": CoarseDepthTask, "joint": CoarseDepthTask,
    "parts": PartsTask, "fine-depth": FineDepthTask,
}


def make_task(shared: Shared, stage: Stage) -> Task:
    return TASKS[stage.kind](shared, stage)


@torch.no_grad()
def measure_coarse(model: Model, held: Store, batch: int = 8) -> dict[str, float]:
    """Held-out errors of the coarse pair: normals in degrees, depth shape error in mm, mask IoU."""
    model.eval()
    rows: list[tuple[float, ...]] = []
    for first in range(0, len(held), batch):
        index = np.arange(first, min(first + batch, len(held)))
        colour, front, back = coarse_canvases(held, index)
        x = test_input(colour).contiguous(memory_format=torch.channels_last)
        n = model.img2normal_down(x)
        raw = model.ImgNorm_to_Dep(x, n)
        truth = both_normals(front, back)
        for k, i in enumerate(index):
            m = front[k] > 0
            one = m[None].float()
            mm = held.mm_per_unit[int(i)]
            errors = []
            for c, t in ((0, front), (1, back)):
                e = (F.relu6(raw[k, c]) - t[k])[m]
                errors.append(float((e - e.median()).abs().mean()) * mm)
            seen = raw[k, 2] > 0
            iou = float((seen & m).sum() / (seen | m).sum())
            rows.append((mean_angle(n[k : k + 1, :3], truth[k : k + 1, :3], one),
                         mean_angle(n[k : k + 1, 3:], truth[k : k + 1, 3:], one), *errors, iou))
    names = ("coarse_front_deg", "coarse_back_deg", "coarse_front_shape_mm", "coarse_back_shape_mm", "coarse_iou")
    return dict(zip(names, (float(v) for v in np.mean(rows, 0)), strict=True)) if rows else {}

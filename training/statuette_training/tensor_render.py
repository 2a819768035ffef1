"""Rasteriser, shadows and shading of `native/render.c` as PyTorch operations: the same pictures on any device.

Meant for a GPU, on which it has not run yet; on a processor the C room is faster. All fragments of all triangles are
listed and reduced to the nearest and farthest of every pixel by one scatter each, on keys that hold the inverse depth
above the triangle's number. Where two surfaces are equally far the first triangle wins, as in C. A GPU sums vertex
normals in any order, so colours may differ in the last place from run to run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from . import native
from .light import SHADOW_BIAS, SHADOW_SIZE, Exposure, Light, Openness, shadow_frame
from .people.person import Person

FRAGMENTS = 1 << 22  # at once: bounds the working memory
LAST = (1 << 31) - 1
SHADOW_EMPTY = -1e30


@dataclass
class Surface:
    """One layer of a picture in a box: triangle int64 [h, w], -1 empty; inverse depth f32 [h, w], 0 empty."""

    triangle: Tensor
    inverse: Tensor


class TensorPerson:
    """What stays the same from view to view, on the device."""

    def __init__(self, person: Person, device: torch.device) -> None:
        self.device = device
        self.t = torch.as_tensor(person.t, device=device).long()
        self.cut = torch.as_tensor(person.cut, dtype=torch.float32, device=device)
        self.uv = torch.as_tensor(person.uv, dtype=torch.float32, device=device)
        self.material = torch.as_tensor(person.material, device=device).long()
        self.look = torch.as_tensor(person.look, dtype=torch.float32, device=device)
        sizes = [(x.shape[1], x.shape[0]) for x in person.textures]
        self.texture_size = torch.tensor(sizes, device=device)
        self.texture_start = torch.tensor(np.cumsum([0, *(w * h for w, h in sizes)])[:-1], device=device)
        texels = np.concatenate([np.asarray(x, np.uint8).reshape(-1, 3) for x in person.textures])
        self.texels = torch.as_tensor(texels, device=device)
        self.linear = torch.as_tensor(native.LINEAR, device=device)


def _fragments(corners: Tensor, box: tuple[int, int, int, int]) -> Iterator[tuple[Tensor, Tensor, Tensor]]:
    """Triangles [m, 3, 2+] to (triangle, x, y) of every pixel in each one's bounding box, a few million at a time.

    A pixel belongs to the box when its centre does. x and y are canvas pixels; box is (x0, y0, w, h).
    """
    x0, y0, w, h = box
    xy = corners[..., :2].float()
    limit_low = torch.tensor([x0, y0], device=xy.device, dtype=torch.float32)
    limit_high = torch.tensor([x0 + w - 1, y0 + h - 1], device=xy.device, dtype=torch.float32)
    low = torch.maximum(xy.amin(1) - 0.5, limit_low).ceil().long()
    high = torch.minimum(xy.amax(1) - 0.5, limit_high).floor().long()
    size = (high - low + 1).clamp(min=0)
    count = size[:, 0] * size[:, 1]
    ends = count.cumsum(0)
    begin = 0
    while begin < len(count):
        done = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(torch.searchsorted(ends, done + FRAGMENTS, right=True)))
        part = count[begin:end]
        which = torch.repeat_interleave(torch.arange(begin, end, device=xy.device), part)
        place = torch.arange(len(which), device=xy.device) - (ends[begin:end] - part - done)[which - begin]
        across = size[which, 0]
        yield which, low[which, 0] + place % across, low[which, 1] + place // across
        begin = end


def _weights(corners: Tensor, which: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Screen-space weights of corners 1 and 2 at pixel centres. In f64: no cracks along shared edges."""
    a = corners[:, 0, :2].double()
    b, c = corners[:, 1, :2].double() - a, corners[:, 2, :2].double() - a
    area = b[:, 0] * c[:, 1] - c[:, 0] * b[:, 1]
    inverse = torch.where(area.abs() < 1e-10, torch.nan, 1 / area)  # nan is inside of nothing
    qx, qy = x + 0.5 - a[which, 0], y + 0.5 - a[which, 1]
    b, c, inverse = b[which], c[which], inverse[which]
    return (c[:, 1] * qx - c[:, 0] * qy) * inverse, (b[:, 0] * qy - b[:, 1] * qx) * inverse


def _corrected(w1: Tensor, w2: Tensor, iz: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Inverse depth and perspective-correct weights from screen weights; iz f32 [k, 3] at the corners."""
    f0, f1, f2 = (1 - w1 - w2).float(), w1.float(), w2.float()
    inverse = f0 * iz[:, 0] + f1 * iz[:, 1] + f2 * iz[:, 2]
    return inverse, f1 * iz[:, 1] / inverse, f2 * iz[:, 2] / inverse


def raster(screen: Tensor, cut: Tensor, t: Tensor, box: tuple[int, int, int, int]) -> tuple[Surface, Surface]:
    """Nearest and farthest surface in a box (x0, y0, w, h). screen f32 [n, 3]: x, y, 1 / distance; t int64 [m, 3]."""
    x0, y0, w, h = box
    corners = screen[t]
    near = torch.full((h * w,), -1, dtype=torch.int64, device=screen.device)
    far = torch.full((h * w,), torch.iinfo(torch.int64).max, dtype=torch.int64, device=screen.device)
    for which, x, y in _fragments(corners, box):
        w1, w2 = _weights(corners, which, x, y)
        inside = (w1 >= -1e-9) & (w2 >= -1e-9) & (1 - w1 - w2 >= -1e-9)
        which, x, y, w1, w2 = (v[inside] for v in (which, x, y, w1, w2))
        inverse, b1, b2 = _corrected(w1, w2, corners[which, :, 2])
        c = cut[t[which]]
        kept = (c >= 0).all(1) | (c[:, 0] * (1 - b1 - b2) + c[:, 1] * b1 + c[:, 2] * b2 >= 0) & (c >= 0).any(1)
        which, x, y, inverse = which[kept], x[kept], y[kept], inverse[kept]
        pixel = (y - y0) * w + x - x0
        depth = inverse.view(torch.int32).long() << 32  # bits of positive floats keep their order
        near.scatter_reduce_(0, pixel, depth | (LAST - which), "amax")
        far.scatter_reduce_(0, pixel, depth | which, "amin")
    empty = near < 0

    def surface(key: Tensor, triangle: Tensor) -> Surface:
        inverse = (key >> 32).to(torch.int32).view(torch.float32)
        return Surface(torch.where(empty, -1, triangle).view(h, w), torch.where(empty, 0.0, inverse).view(h, w))

    return surface(near, LAST - (near & LAST)), surface(far, far & LAST)


def corner_weights(surface: Surface, screen: Tensor, t: Tensor, box: tuple[int, int, int, int]) -> tuple[Tensor, ...]:
    """Of every covered pixel: its place in the box, its triangle, and the weights f32 of all three corners [k, 3]."""
    place = torch.nonzero(surface.triangle.view(-1) >= 0)[:, 0]
    k = surface.triangle.view(-1)[place]
    x, y = place % box[2] + box[0], place // box[2] + box[1]
    corners = screen[t[k]]
    w1, w2 = _weights(corners, torch.arange(len(k), device=k.device), x, y)
    _, b1, b2 = _corrected(w1, w2, corners[..., 2])
    return place, k, torch.stack((1 - b1 - b2, b1, b2), 1)


def depth_units(inverse: Tensor, box: tuple[int, int, int, int], resolution: int, focal: float) -> Tensor:
    """f32 [h, w] D units from inverse depth, 0 where empty."""
    x0, y0, w, h = box
    gx = (torch.arange(w, device=inverse.device, dtype=torch.float32) + (x0 + 0.5 - resolution / 2)) / focal
    gy = (torch.arange(h, device=inverse.device, dtype=torch.float32)[:, None] + (y0 + 0.5 - resolution / 2)) / focal
    depth = (torch.sqrt(1 + gx * gx + gy * gy) / inverse - 1) * focal + resolution / 2
    return torch.where(inverse > 0, depth, 0.0)


def vertex_normals(v: Tensor, t: Tensor) -> Tensor:
    """Area-weighted unit normals f32 [n, 3]."""
    a, b, c = (v[t[:, k]] for k in range(3))
    face = torch.linalg.cross(b - a, c - a)
    out = torch.zeros_like(v)
    for k in range(3):
        out.index_add_(0, t[:, k], face)
    return out / (out.norm(dim=1, keepdim=True) + 1e-20)


def shadow_map(v: Tensor, cut: Tensor, t: Tensor, size: int) -> Tensor:
    """f32 [size, size]: the largest z of each cell; v in cells."""
    t = t[(cut[t] >= 0).all(1)]
    corners = v[t]
    cells = torch.full((size * size,), SHADOW_EMPTY, device=v.device)
    for which, x, y in _fragments(corners, (0, 0, size, size)):
        w1, w2 = (w.float() for w in _weights(corners, which, x, y))
        inside = (w1 >= 0) & (w2 >= 0) & (w1 + w2 <= 1)
        which, w1, w2 = which[inside], w1[inside], w2[inside]
        z = corners[which, :, 2]
        height = z[:, 0] + w1 * (z[:, 1] - z[:, 0]) + w2 * (z[:, 2] - z[:, 0])
        cells.scatter_reduce_(0, y[inside] * size + x[inside], height, "amax")
    return cells.view(size, size)


def albedo(p: TensorPerson, triangle: Tensor, weights: Tensor) -> Tensor:
    """Linear colour f32 [k, 3] from the textures, bilinear, repeating."""
    uv = (p.uv[triangle] * weights[..., None]).sum(1)
    material = p.material[triangle]
    size, start = p.texture_size[material], p.texture_start[material]
    uv = uv - uv.floor()
    x, y = uv[:, 0] * size[:, 0] - 0.5, (1 - uv[:, 1]) * size[:, 1] - 0.5
    left, top = x.floor(), y.floor()
    fx, fy = (x - left)[:, None], (y - top)[:, None]
    columns = [(left.long() + k) % size[:, 0] for k in (0, 1)]
    rows = [(top.long() + k) % size[:, 1] for k in (0, 1)]

    def texel(row: int, column: int) -> Tensor:
        return p.linear[p.texels[start + rows[row] * size[:, 0] + columns[column]].long()]

    above = texel(0, 0).lerp(texel(0, 1), fx)
    return above.lerp(texel(1, 0).lerp(texel(1, 1), fx), fy) * p.look[material, 2:5]


def _unit(v: Tensor) -> Tensor:
    return v / (v.norm(dim=-1, keepdim=True) + 1e-12)


def shade(p: TensorPerson, light: Light, camera: Tensor, triangle: Tensor, weights: Tensor, colour: Tensor,
          open_sky: Tensor, shadow: tuple[Tensor, Tensor, float] | None) -> Tensor:
    """Lit colour f32 [k, 3] of surface points. open_sky f32 [k]: 1 is unoccluded; shadow: cells, matrix, bias."""
    corners = p.t[triangle]
    normal = _unit((vertex_normals(camera, p.t)[corners] * weights[..., None]).sum(1))
    point = (camera[corners] * weights[..., None]).sum(1)
    view = -_unit(point)
    facing = (normal * view).sum(1, keepdim=True)
    normal, facing = torch.where(facing < 0, -normal, normal), facing.abs()
    look = p.look[p.material[triangle]]
    x, y, z = normal.unbind(1)
    harmonics = torch.stack((torch.ones_like(x), x, y, z, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y), 1)
    ambient = torch.as_tensor(light.ambient, device=camera.device)
    received = (harmonics @ ambient).clamp(min=0) * open_sky[:, None]
    shine = look[:, 5:6] * (1 - facing) ** 2 * received
    for j, lamp in enumerate(torch.as_tensor(light.lamps, device=camera.device)):
        toward, power, wrap = lamp[:3], lamp[3:6], lamp[6]
        cosine = (normal @ toward + wrap) / (1 + wrap)
        lit = (0.5 + 0.5 * open_sky) * (cosine > 0)
        if j == 0 and shadow is not None:
            lit = lit * _unshadowed(point, *shadow)
        half = toward + view
        lobe = (half * normal).sum(1) / (half.norm(dim=1) + 1e-9)
        gloss = torch.where(lobe > 0, look[:, 0] * torch.exp(look[:, 1] * (lobe - 1)), 0.0)
        received = received + power * (cosine * lit)[:, None]
        shine = shine + power * (gloss * lit)[:, None]
    return colour * received + shine


def _unshadowed(point: Tensor, cells: Tensor, to_map: Tensor, bias: float) -> Tensor:
    """Share of nine shadow-map samples around each point that see the lamp."""
    at = point @ to_map[:, :3].T + to_map[:, 3]
    size = cells.shape[0]
    clear = torch.zeros_like(at[:, 0])
    for k in range(9):
        x, y = (at[:, 0] + (k % 3 - 1) * 1.6).long(), (at[:, 1] + (k // 3 - 1) * 1.6).long()
        outside = (x < 0) | (y < 0) | (x >= size) | (y >= size)
        height = cells[y.clamp(0, size - 1), x.clamp(0, size - 1)]
        clear += outside | (height <= at[:, 2] + bias)
    return clear / 9


def blur(image: Tensor, sigma: float) -> Tensor:
    """Gaussian blur of [c, h, w] with the size and the mirrored border of OpenCV's for floats."""
    size = round(sigma * 8 + 1) | 1
    away = torch.arange(size, device=image.device, dtype=torch.float64) - size // 2
    taps = torch.exp(-away.square() / (2 * sigma**2))
    taps = (taps / taps.sum()).float()
    x = image[:, None]
    for axis, shape in ((3, (1, 1, 1, size)), (2, (1, 1, size, 1))):
        period = max(1, 2 * (x.shape[axis] - 1))
        place = torch.arange(-(size // 2), x.shape[axis] + size // 2, device=x.device) % period
        x = F.conv2d(x.index_select(axis, torch.minimum(place, period - place)), taps.view(shape))
    return x[:, 0]


def occlusion(depth: Tensor, sky: Openness) -> Tensor:
    """`light.occlusion` on the device."""
    q = depth[sky.step // 2 :: sky.step, sky.step // 2 :: sky.step]
    mask = (q > 0).float()
    out = torch.ones_like(q)
    for sigma, strength in sky.layers:
        mean, share = blur(torch.stack((q, mask)), sigma)
        out = out / (1 + strength * (q - mean / share.clamp(min=0.02)).clamp(0, 40))
    return F.interpolate(out[None, None], size=tuple(depth.shape), mode="bilinear", align_corners=False)[0, 0]


def expose(linear: Tensor, mask: Tensor, how: Exposure) -> Tensor:
    """`light.expose` on the device: uint8 [h, w, 3]."""
    out = linear * how.gain(float(torch.quantile(linear[mask][::7].amax(1).double(), 0.92)))
    if how.blur:
        weight = blur(mask.float()[None], how.blur)[0].clamp(min=0.05)
        out = blur(out.permute(2, 0, 1).contiguous(), how.blur).permute(1, 2, 0) / weight[..., None]
    curve = torch.as_tensor(how.curve, device=linear.device)
    return curve[(out * 4095).clamp(0, 4095).long()] * mask[..., None]


@dataclass
class Drawn:
    """The pictures of one view in its box, as numpy arrays; plain colours only when asked for."""

    front: np.ndarray  # f32 [h, w] D units, 0 empty
    back: np.ndarray
    triangle: np.ndarray  # int32 [h, w] of the front, -1 empty
    colour: np.ndarray  # uint8 [h, w, 3]
    plain: np.ndarray | None
    plain_back: np.ndarray | None


def _placed(values: Tensor, place: Tensor, h: int, w: int) -> Tensor:
    out = torch.zeros(h * w, *values.shape[1:], dtype=values.dtype, device=values.device)
    out[place] = values
    return out.view(h, w, *values.shape[1:])


@torch.no_grad()
def draw(p: TensorPerson, camera: np.ndarray, screen: np.ndarray, box: tuple[int, int, int, int], resolution: int,
         focal: float, light: Light, sky: Openness, exposure: Exposure, extras: bool) -> Drawn:
    """One view of a person; camera and screen positions [n, 3] of its vertices, box (x0, y0, w, h)."""
    _, _, w, h = box
    v = torch.as_tensor(camera, dtype=torch.float32, device=p.device)
    s = torch.as_tensor(screen, dtype=torch.float32, device=p.device)
    near, far = raster(s, p.cut, p.t, box)
    front, back = (depth_units(layer.inverse, box, resolution, focal) for layer in (near, far))
    shadow = None
    if light.shadows:
        frame = shadow_frame(light)
        to_map = torch.as_tensor(frame, dtype=torch.float32, device=p.device)
        in_map = (v.double() @ torch.as_tensor(frame[:, :3].T, device=p.device)
                  + torch.as_tensor(frame[:, 3], device=p.device)).float()
        shadow = (shadow_map(in_map, p.cut, p.t, SHADOW_SIZE), to_map, SHADOW_BIAS)
    place, triangle, weights = corner_weights(near, s, p.t, box)
    colour = albedo(p, triangle, weights)
    lit = shade(p, light, v, triangle, weights, colour, occlusion(front, sky).view(-1)[place], shadow)
    picture = expose(_placed(lit, place, h, w), near.triangle >= 0, exposure)

    def bytes_of(c: Tensor, where: Tensor) -> np.ndarray:
        return _placed((c.clamp(0, 1) ** (1 / 2.2) * 255).byte(), where, h, w).cpu().numpy()

    plain = plain_back = None
    if extras:
        plain = bytes_of(colour, place)
        behind, triangle, weights = corner_weights(far, s, p.t, box)
        plain_back = bytes_of(albedo(p, triangle, weights), behind)
    return Drawn(front.cpu().numpy(), back.cpu().numpy(), near.triangle.int().cpu().numpy(), picture.cpu().numpy(),
                 plain, plain_back)

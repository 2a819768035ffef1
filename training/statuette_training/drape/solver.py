"""ctypes wrapper of native/drape.c: moving surfaces, and one garment's run over them."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, fields

import numpy as np

from .. import native


def f32(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(a, np.float32)


def i32(a: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(a, np.int32)


def _pointer(a: np.ndarray | None) -> int | None:
    return None if a is None or not len(a) else a.ctypes.data


class _Surface(ctypes.Structure):
    _fields_ = [
        ("n", ctypes.c_int),
        ("m", ctypes.c_int),
        ("keys", ctypes.c_int),
        ("key", ctypes.c_void_p),
        ("tri", ctypes.c_void_p),
        ("group", ctypes.c_void_p),
    ]


class _Garment(ctypes.Structure):
    _fields_ = [
        ("n", ctypes.c_int),
        *((k, ctypes.c_void_p) for k in ("x", "mass", "rest", "home")),
        ("n_spring", ctypes.c_int),
        *((k, ctypes.c_void_p) for k in ("spring", "length", "give")),
        ("n_far", ctypes.c_int),
        *((k, ctypes.c_void_p) for k in ("far", "far_length")),
        ("n_bend", ctypes.c_int),
        *((k, ctypes.c_void_p) for k in ("bend", "share", "soft", "curve")),
        ("n_pin", ctypes.c_int),
        ("pin_keys", ctypes.c_int),
        *((k, ctypes.c_void_p) for k in ("pin", "pin_key", "pin_hold", "start", "bone", "weight")),
        ("bones", ctypes.c_int),
        ("moves", ctypes.c_int),
        ("move", ctypes.c_void_p),
    ]


class _Options(ctypes.Structure):
    _fields_ = [
        *((k, ctypes.c_int) for k in ("frames", "substeps", "self_contact", "search_every")),
        *(
            (k, ctypes.c_float)
            for k in (
                "frame_time",
                "gravity",
                "damping",
                "calm",
                "thickness",
                "friction",
                "inner_gap",
                "inner_friction",
                "self_gap",
                "compress",
                "top_speed",
                "viscous",
            )
        ),
    ]


@dataclass
class Surface:
    """Triangles int32 [m, 3] that move through keys f32 [keys, n, 3]; group uint8 [n]: body parts, 255 unused."""

    keys: np.ndarray
    t: np.ndarray
    group: np.ndarray

    def __post_init__(self) -> None:
        self.keys, self.t, self.group = f32(self.keys), i32(self.t), np.ascontiguousarray(self.group, np.uint8)

    def c(self) -> _Surface:
        return _Surface(
            self.keys.shape[1], len(self.t), len(self.keys), _pointer(self.keys), _pointer(self.t), _pointer(self.group)
        )

    def first(self) -> Surface:
        return Surface(self.keys[:1], self.t, self.group)

    def last(self) -> Surface:
        return Surface(self.keys[-1:], self.t, self.group)

    def heights(self, x: np.ndarray, home: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Signed heights f32 [n] over the last key (1 beyond 3 cm) and the normals there. home: allowed parts."""
        x = f32(x)
        h, n = np.empty(len(x), np.float32), np.zeros((len(x), 3), np.float32)
        home = None if home is None else np.ascontiguousarray(home, np.uint8)
        native.library().drape_heights(
            ctypes.byref(self.c()),
            ctypes.c_void_p(_pointer(x)),
            len(x),
            ctypes.c_void_p(_pointer(home)),
            ctypes.c_void_p(_pointer(h)),
            ctypes.c_void_p(_pointer(n)),
        )
        return h, n

    def push_out(
        self,
        x: np.ndarray,
        gap: float | np.ndarray,
        home: np.ndarray | None = None,
        deepest: float = 1.0,
        rounds: int = 2,
    ) -> np.ndarray:
        """Points moved to `gap` over the last key, where they are lower and not deeper inside than `deepest`."""
        x = f32(x).copy()
        for _ in range(rounds):
            h, n = self.heights(x, home)
            x += np.where((h < gap) & (h > -deepest), gap - h, 0)[:, None].astype(np.float32) * n
        return x


@dataclass
class Plan:
    """How a run goes: key poses, then rest; frames of frame_time seconds with many small substeps."""

    moving: int = 16
    settle: int = 28
    substeps: int = 32
    frame_time: float = 1 / 40
    self_contact: bool = True
    search_every: int = 4
    damping: float = 3.0  # 1/s while moving
    calm: float = 8.0  # in the last third
    compress: float = 3.0  # how much softer cloth is against being pushed together
    gravity: float = 9.81
    tethers: tuple[int, ...] = (12, 4)
    viscous: float = 0.15  # share by which neighbours' velocities are evened a substep


@dataclass
class Motion:
    """Carried along: skin weights as CSR (start, bone, weight) and matrices f32 [moves, bones, 12] from key to key."""

    start: np.ndarray
    bone: np.ndarray
    weight: np.ndarray
    move: np.ndarray


@dataclass
class Pins:
    """Points held at keys [keys, pins, 3] by a share of the way each substep."""

    point: np.ndarray
    keys: np.ndarray
    hold: np.ndarray


@dataclass
class Springs:
    spring: np.ndarray
    length: np.ndarray
    give: np.ndarray
    far: np.ndarray
    far_length: np.ndarray
    bend: np.ndarray
    share: np.ndarray
    soft: np.ndarray
    curve: np.ndarray | None = None


@dataclass
class Touch:
    """Distances kept (m) and friction: to the body, to what is worn beneath, to itself."""

    gap: float
    friction: float
    inner_gap: float
    inner_friction: float
    self_gap: float


@dataclass
class Outcome:
    x: np.ndarray  # f32 [n, 3]
    track: np.ndarray  # f32 [frames + 1, n, 3]
    speed: np.ndarray  # f32 [n], m/s at the end


def run(
    x: np.ndarray,
    mass: np.ndarray,
    rest: np.ndarray,
    home: np.ndarray,
    springs: Springs,
    pins: Pins,
    motion: Motion,
    touch: Touch,
    body: Surface,
    inner: Surface | None,
    plan: Plan,
) -> Outcome:
    """Drapes one garment from positions x [n, 3]. rest: designed positions; home: body parts points belong over."""
    n, frames = len(x), plan.moving + plan.settle
    x = f32(x).copy()
    track, report = np.empty((frames + 1, n, 3), np.float32), np.zeros(4 + n, np.float32)
    s = {f.name: getattr(springs, f.name) for f in fields(springs)}
    s = {k: None if a is None else (i32 if k in ("spring", "far", "bend") else f32)(a) for k, a in s.items()}
    mass, rest, home = f32(mass), f32(rest), np.ascontiguousarray(home, np.uint8)
    pin, pin_keys, hold = i32(pins.point), f32(pins.keys), f32(pins.hold)
    start, bone, weight, move = i32(motion.start), i32(motion.bone), f32(motion.weight), f32(motion.move)
    g = _Garment(
        n,
        _pointer(x),
        _pointer(mass),
        _pointer(rest),
        _pointer(home),
        len(s["spring"]),
        _pointer(s["spring"]),
        _pointer(s["length"]),
        _pointer(s["give"]),
        len(s["far"]),
        _pointer(s["far"]),
        _pointer(s["far_length"]),
        len(s["bend"]),
        *(_pointer(s[k]) for k in ("bend", "share", "soft", "curve")),
        len(pin),
        len(pin_keys),
        _pointer(pin),
        _pointer(pin_keys) if len(pin) else None,
        _pointer(hold),
        _pointer(start),
        _pointer(bone),
        _pointer(weight),
        move.shape[1],
        len(move),
        _pointer(move),
    )
    o = _Options(
        frames,
        plan.substeps,
        int(plan.self_contact),
        plan.search_every,
        plan.frame_time,
        plan.gravity,
        plan.damping,
        plan.calm,
        touch.gap,
        touch.friction,
        touch.inner_gap,
        touch.inner_friction,
        touch.self_gap,
        plan.compress,
        3.0,
        plan.viscous,
    )
    below = inner.c() if inner is not None else None
    if native.library().drape_run(
        ctypes.byref(g),
        ctypes.byref(body.c()),
        None if below is None else ctypes.byref(below),
        ctypes.byref(o),
        ctypes.c_void_p(_pointer(track)),
        ctypes.c_void_p(_pointer(report)),
    ):
        raise MemoryError("not enough memory to drape a garment")
    return Outcome(x, track, report[4:])

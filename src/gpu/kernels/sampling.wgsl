// Shared by the kernels that resample. Positions are in px, pixel centres at integers, x right, y down.
// Bilinear, align_corners = false; affine maps are in [-1, 1] coordinates.

/// Where an affine map (rows of `linear`, then `shift`) takes pixel `at` of a canvas with `side` px a side. The steps and
/// their order are the original's (SampleGrid in sampling.reference.ts); a compiler may fuse some, which moves a position
/// near 2000 px by up to 1e-4 px. The pixel's own coordinate is exact for a side that is a power of two.
fn affine_px(linear: vec4f, shift: vec2f, at: vec2f, side: f32) -> vec2f {
  let g = (2.0 * at + 1.0) / side - 1.0;
  let turned = linear.xz * g.x + linear.yw * g.y;
  return (turned + shift + 1.0) * (side * 0.5) - 0.5;
}

/// Four taps of a bilinear sample: indices into a plane, in the order (y, x), (y, x+1), (y+1, x), (y+1, x+1).
struct Taps {
  index: vec4u,
  weight: vec4f,
}

/// Zero outside: a tap beyond the plane keeps a legal index but weight 0.
fn zero_padded_taps(at: vec2f, size: vec2u) -> Taps {
  let limit = vec2f(size);
  let p = clamp(at, vec2f(-2.0), limit + 1.0);
  let corner = floor(p);
  let f = p - corner;
  let last = limit - 1.0;
  let near_in = step(vec2f(0.0), corner) * step(corner, last);
  let far_in = step(vec2f(-1.0), corner) * step(corner + 1.0, last);
  let wx = vec2f((1.0 - f.x) * near_in.x, f.x * far_in.x);
  let wy = vec2f((1.0 - f.y) * near_in.y, f.y * far_in.y);
  let near = vec2u(clamp(corner, vec2f(0.0), last));
  let far = vec2u(clamp(corner + 1.0, vec2f(0.0), last));
  return Taps(tap_indices(near, far, size.x), vec4f(wy.x * wx.x, wy.x * wx.y, wy.y * wx.x, wy.y * wx.y));
}

/// Replicated edge, as an up-sampling without antialias reads it.
fn edge_taps(at: vec2f, size: vec2u) -> Taps {
  let last = vec2f(size) - 1.0;
  let p = clamp(at, vec2f(0.0), last);
  let corner = floor(p);
  let f = p - corner;
  let near = vec2u(corner);
  let far = vec2u(min(corner + 1.0, last));
  let wx = vec2f(1.0 - f.x, f.x);
  let wy = vec2f(1.0 - f.y, f.y);
  return Taps(tap_indices(near, far, size.x), vec4f(wy.x * wx.x, wy.x * wx.y, wy.y * wx.x, wy.y * wx.y));
}

fn tap_indices(near: vec2u, far: vec2u, width: u32) -> vec4u {
  return vec4u(
    near.y * width + near.x,
    near.y * width + far.x,
    far.y * width + near.x,
    far.y * width + far.x,
  );
}

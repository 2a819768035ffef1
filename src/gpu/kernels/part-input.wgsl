// Network input of one part: RGB and the front coarse normal, sampled with imageFromPart in the part's centred crop.
// group 0: 0 params uniform | 1 image f32 [3, S, S] read | 2 coarse f32 [>= 3, C, C] read | 3 target f32 [8, h, w] write
// Planar. 64 x 4 threads, one per crop pixel. The coarse normals are up-sampled to S x S on the fly: each of the four
// taps of the warp reads four coarse pixels, so the up-sampled map never exists. Channels 6 and 7 are 0.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> coarse: array<f32>;
@group(0) @binding(3) var<storage, read_write> target_map: array<f32>;

/// One channel of the coarse normals.
fn sample_coarse(taps: Taps, start: u32) -> f32 {
  let i = taps.index + start;
  return dot(taps.weight, vec4f(coarse[i.x], coarse[i.y], coarse[i.z], coarse[i.w]));
}

/// One channel of the image.
fn sample_image(taps: Taps, start: u32) -> f32 {
  let i = taps.index + start;
  return dot(taps.weight, vec4f(image[i.x], image[i.y], image[i.z], image[i.w]));
}

/// Front coarse normal at pixel `index` of the canvas, as bilinear up-sampling gives it.
fn upsampled_normal(index: u32) -> vec3f {
  let pixel = vec2f(vec2u(index % params.canvas, index / params.canvas));
  let ratio = f32(params.coarse) / f32(params.canvas);
  let taps = edge_taps((pixel + 0.5) * ratio - 0.5, vec2u(params.coarse));
  let plane = params.coarse * params.coarse;
  return vec3f(sample_coarse(taps, 0u), sample_coarse(taps, plane), sample_coarse(taps, 2u * plane));
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.crop_size)) { return; }
  let at = affine_px(params.linear, params.shift, vec2f(id.xy + params.crop_origin), f32(params.canvas));
  let taps = zero_padded_taps(at, vec2u(params.canvas));
  let plane = params.canvas * params.canvas;
  let normal = upsampled_normal(taps.index.x) * taps.weight.x + upsampled_normal(taps.index.y) * taps.weight.y
    + upsampled_normal(taps.index.z) * taps.weight.z + upsampled_normal(taps.index.w) * taps.weight.w;
  let crop_plane = params.crop_size.x * params.crop_size.y;
  let out = id.y * params.crop_size.x + id.x;
  target_map[out] = sample_image(taps, 0u);
  target_map[crop_plane + out] = sample_image(taps, plane);
  target_map[2u * crop_plane + out] = sample_image(taps, 2u * plane);
  target_map[3u * crop_plane + out] = normal.x;
  target_map[4u * crop_plane + out] = normal.y;
  target_map[5u * crop_plane + out] = normal.z;
  target_map[6u * crop_plane + out] = 0.0;
  target_map[7u * crop_plane + out] = 0.0;
}

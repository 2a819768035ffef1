// Network input of one part: RGB and the front coarse normal, sampled with imageFromPart in the part's centred crop.
// group 0: 0 params uniform | 1 image f32 [3, S, S] read | 2 coarse f32 [>= 3, C, C] read | 3 target f32 [8, h, w] write
// Planar. 64 x 4 threads, one per crop pixel. The coarse normals are up-sampled to S x S on the fly: each of the four
// taps of the warp reads four coarse pixels, so the up-sampled map never exists. Channels 6 and 7 are 0.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> image: array<f32>;
@group(0) @binding(2) var<storage, read> coarse: array<f32>;
@group(0) @binding(3) var<storage, read_write> target_map: array<f32>;

/// Front coarse normal at pixel `index` of the canvas, as bilinear up-sampling gives it.
fn upsampled_normal(index: u32) -> vec3f {
  let pixel = vec2f(vec2u(index % params.canvas, index / params.canvas));
  let ratio = f32(params.coarse) / f32(params.canvas);
  let taps = edge_taps((pixel + 0.5) * ratio - 0.5, vec2u(params.coarse));
  let plane = params.coarse * params.coarse;
  var normal = vec3f(0.0);
  for (var t = 0u; t < 4u; t++) {
    let at = taps.index[t];
    normal += taps.weight[t] * vec3f(coarse[at], coarse[plane + at], coarse[2u * plane + at]);
  }
  return normal;
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.crop_size)) { return; }
  let at = affine_px(params.linear, params.offset, vec2f(id.xy + params.crop_origin), params.middle);
  let taps = zero_padded_taps(at, vec2u(params.canvas));
  let plane = params.canvas * params.canvas;
  var rgb = vec3f(0.0);
  var normal = vec3f(0.0);
  for (var t = 0u; t < 4u; t++) {
    let weight = taps.weight[t];
    if (weight == 0.0) { continue; }
    let index = taps.index[t];
    rgb += weight * vec3f(image[index], image[plane + index], image[2u * plane + index]);
    normal += weight * upsampled_normal(index);
  }
  let crop_plane = params.crop_size.x * params.crop_size.y;
  let out = id.y * params.crop_size.x + id.x;
  for (var c = 0u; c < 3u; c++) {
    target_map[c * crop_plane + out] = rgb[c];
    target_map[(3u + c) * crop_plane + out] = normal[c];
  }
  target_map[6u * crop_plane + out] = 0.0;
  target_map[7u * crop_plane + out] = 0.0;
}

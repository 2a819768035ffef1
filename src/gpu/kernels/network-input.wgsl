// Photo x matte -> network input: background to 0, then brightness, contrast and saturation 0.85 with the reference's
// 8-bit truncation, then (v/255 - 0.5)/0.5.
// group 0: 0 params uniform | 1 photo u32 RGBA8 [H, W] read | 2 matte u8 x 4 per u32 [H, W] read
//          3 blend u8 x 4 per u32 [256, 256] read: trunc(d + 0.85f (x - d)) at [d, x]
//          4 luma_sum atomic u32 [1] | 5 normalised f32 [256] read | 6 target f32 [3, H, W] write
// Two passes: `sum_luma` (SUM_THREADS threads, PIXELS_PER_THREAD each, one atomic add a thread; the sum of L <= 255
// fits u32 up to 4104 x 4104), then `colours` (64 x 4). The blend and the normalisation are tables made on the CPU in f32, so that no driver's fused
// multiply-add or division can change a grey level: the result equals the CPU's to the bit.

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> photo: array<u32>;
@group(0) @binding(2) var<storage, read> matte: array<u32>;
@group(0) @binding(3) var<storage, read> blend: array<u32>;
@group(0) @binding(4) var<storage, read_write> luma_sum: atomic<u32>;
@group(0) @binding(5) var<storage, read> normalised: array<f32>;
@group(0) @binding(6) var<storage, read_write> target_map: array<f32>;

/// trunc(d + 0.85f (x - d)) for grey levels d and x.
fn blended(d: u32, x: u32) -> u32 {
  let at = d * 256u + x;
  return extractBits(blend[at >> 2u], (at & 3u) * 8u, 8u);
}

fn blended3(d: u32, rgb: vec3u) -> vec3u {
  return vec3u(blended(d, rgb.r), blended(d, rgb.g), blended(d, rgb.b));
}

fn luma(rgb: vec3u) -> u32 {
  return (19595u * rgb.r + 38470u * rgb.g + 7471u * rgb.b + 32768u) >> 16u;
}

/// The masked photo after the brightness step.
fn brightened(pixel: u32) -> vec3u {
  if (extractBits(matte[pixel >> 2u], (pixel & 3u) * 8u, 8u) < 128u) { return vec3u(blended(0u, 0u)); }
  let rgba = photo[pixel];
  return blended3(0u, vec3u(rgba & 255u, (rgba >> 8u) & 255u, (rgba >> 16u) & 255u));
}

@compute @workgroup_size(SUM_THREADS)
fn sum_luma(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first = group.x * SUM_THREADS * PIXELS_PER_THREAD + lane;
  var sum = 0u;
  for (var i = 0u; i < PIXELS_PER_THREAD; i++) {
    let pixel = first + i * SUM_THREADS;
    if (pixel < params.size.x * params.size.y) { sum += luma(brightened(pixel)); }
  }
  atomicAdd(&luma_sum, sum);
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn colours(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.size)) { return; }
  let pixels = params.size.x * params.size.y;
  let pixel = id.y * params.size.x + id.x;
  // floor(mean + 1/2) in integers.
  let sum = atomicLoad(&luma_sum);
  let mean = sum / pixels + select(0u, 1u, (sum % pixels) * 2u >= pixels);
  let contrasted = blended3(mean, brightened(pixel));
  let rgb = blended3(luma(contrasted), contrasted);
  target_map[pixel] = normalised[rgb.r];
  target_map[pixels + pixel] = normalised[rgb.g];
  target_map[2u * pixels + pixel] = normalised[rgb.b];
}

// Raw refined depth -> front and back: relu6, both 0 where front > back or (robust mode) outside the matte.
// group 0: 0 params uniform | 1 raw f32 [>= 2, H, W] read | 2 matte u8 x 4 per u32 [H, W] read
//          3 target f32 [2, H, W] write
// Planar. 64 x 4 threads, one per pixel. Without a matte slot 2 holds one word that is not read.
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> raw: array<f32>;
@group(0) @binding(2) var<storage, read> matte: array<u32>;
@group(0) @binding(3) var<storage, read_write> target_map: array<f32>;

fn is_foreground(pixel: u32) -> bool {
  if (params.has_matte == 0u) { return true; }
  return extractBits(matte[pixel >> 2u], (pixel & 3u) * 8u, 8u) >= 128u;
}

@compute @workgroup_size(GROUP_X, GROUP_Y)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (any(id.xy >= params.size)) { return; }
  let plane = params.size.x * params.size.y;
  let pixel = id.y * params.size.x + id.x;
  let depth = clamp(vec2f(raw[pixel], raw[plane + pixel]), vec2f(0.0), vec2f(6.0));
  let keep = depth.x <= depth.y && is_foreground(pixel);
  target_map[pixel] = select(0.0, depth.x, keep);
  target_map[plane + pixel] = select(0.0, depth.y, keep);
}

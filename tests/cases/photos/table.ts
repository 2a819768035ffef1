/**
 * What each file of this folder has to give. Own content, made by make.py; decoded in
 * src/intake/photo-cases.browser.test.ts. `shows` names the quarters in reading order: r, g, b, y; w = white, k = black,
 * x = see-through, - = anything (what never arrived).
 */
export interface ShownCase {
  readonly file: string;
  readonly shows: string;
  readonly size: readonly [width: number, height: number];
  /** A sentence that has to be said with it; without one, none may be said. */
  readonly notice?: RegExp;
  /** Greatest difference of a channel; 40 where a codec of low quality or no sRGB profile is between. */
  readonly tolerance?: number;
}

export interface RefusedCase {
  readonly file: string;
  readonly says: RegExp;
  readonly fix: RegExp;
}

const UPRIGHT = [240, 320] as const;
const LYING = [320, 240] as const;

const upright = (...files: string[]): ShownCase[] =>
  files.map((file) => ({ file, shows: 'rgby', size: UPRIGHT }));
/** Stored turned to the left and nothing says so: shown as stored. */
const lying = (...files: string[]): ShownCase[] =>
  files.map((file) => ({ file, shows: 'gyrb', size: LYING }));
const upperHalf = (file: string, notice: RegExp): ShownCase => ({
  file,
  shows: 'rg--',
  size: UPRIGHT,
  notice,
});

export const SHOWN: readonly ShownCase[] = [
  // Turns: all that are plainly written, whether or not the browser knows them.
  ...upright(
    'turn_exif2.jpg',
    'turn_exif3.jpg',
    'turn_exif4.jpg',
    'turn_exif5.jpg',
    'turn_exif7.jpg',
    'turn_exif8.jpg',
    'turn_short_MM.jpg',
    'turn_short_II.jpg',
    'turn_long_MM.jpg',
    'turn_long_II.jpg',
    'turn_two_exif_6_1.jpg',
    'turn_exif6_xmp1.jpg',
    'turn_after_frame.jpg',
    'turn_before_idat.png',
    'turn_behind_idat.png',
    'turn_behind_idat_II.png',
    'turn_long.png',
    'turn_exif_prefix.png',
    'turn_half.png',
    'turn_lossy.webp',
    'turn_lossless.webp',
    'turn_irot.avif',
  ),
  // The first block counts; XMP does not; 0 and 9 are no turns.
  ...lying(
    'turn_two_exif_1_6.jpg',
    'turn_xmp_only.jpg',
    'turn_xmp6_exif1.jpg',
    'turn_exif0.jpg',
    'turn_exif9.jpg',
  ),
  // JPEGs that are whole, whatever their ends look like.
  ...upright(
    'jpeg_no_end.jpg',
    'jpeg_no_end_zeros.jpg',
    'jpeg_stray_bytes.jpg',
    'jpeg_stray_and_fill.jpg',
    'jpeg_junk_before.jpg',
    'jpeg_junk_behind.jpg',
    'jpeg_progressive.jpg',
  ),
  { file: 'jpeg_cmyk.jpg', shows: 'rgby', size: UPRIGHT, tolerance: 40 },
  { file: 'jpeg_display_p3.jpg', shows: 'rgby', size: UPRIGHT },
  { file: 'jpeg_black_below.jpg', shows: '??kk', size: UPRIGHT },
  // JPEGs whose lower part never arrived.
  upperHalf('jpeg_half.jpg', /about \d\d % of the picture, at the bottom, never arrived/),
  upperHalf('jpeg_half_ended.jpg', /about \d\d % of the picture, at the bottom, never arrived/),
  upperHalf('jpeg_half_zeros.jpg', /about \d\d % of the picture, at the bottom, never arrived/),
  upperHalf('jpeg_half_thumbnail.jpg', /about \d\d % of the picture, at the bottom, never arrived/),
  {
    file: 'jpeg_half_turned.jpg',
    shows: '-g-y',
    size: UPRIGHT,
    notice: /about \d\d % of the picture, at the left, never arrived/,
  },
  { file: 'jpeg_progressive_80.jpg', shows: 'rgby', size: UPRIGHT, notice: /less sharp than it should be/ },
  {
    file: 'jpeg_progressive_first.jpg',
    shows: 'rgby',
    size: UPRIGHT,
    notice: /less sharp than it should be/,
  },
  upperHalf('jpeg_progressive_half_first.jpg', /about \d\d % of the picture, at the bottom, never arrived/),
  // PNG.
  ...upright(
    'png_plain.png',
    'png_rgb16.png',
    'png_no_end.png',
    'png_bad_checksum.png',
    'png_display_p3.png',
  ),
  { file: 'png_palette_alpha.png', shows: 'xxby', size: UPRIGHT },
  upperHalf('png_half.png', /about \d\d % of the picture, at the bottom, never arrived/),
  {
    file: 'png_damaged_inside.png',
    shows: 'rg--',
    size: UPRIGHT,
    notice: /about \d\d % of the picture, at the bottom, never arrived/,
  },
  {
    file: 'png_interlaced_half.png',
    shows: 'rgby',
    size: UPRIGHT,
    notice: /only there in steps of 2 pixels/,
  },
  // WebP, AVIF, GIF, BMP, ICO.
  ...upright('webp_size_zero.webp', 'webp_size_one_more.webp', 'webp_lossless.webp'),
  upperHalf('webp_half.webp', /about \d\d % of the picture, at the bottom, never arrived/),
  { file: 'webp_animated.webp', shows: 'rgby', size: UPRIGHT, notice: /animated; its first picture/ },
  ...upright('gif_still.gif', 'bmp.bmp', 'bmp_as_photo.jpg'),
  { file: 'gif_animated.gif', shows: 'rgby', size: UPRIGHT, notice: /animated; its first picture/ },
  { file: 'ico.ico', shows: 'rgby', size: [256, 256] },
  // HEIC.
  ...upright(
    'heic_plain.heic',
    'heic_named.jpg',
    'heic_turned.heif',
    'heic_mirrored.hif',
    'heic_grid.heic',
    'heic_second_is_primary.heic',
    'heic_depth.heic',
    'heic_10_bit.heic',
    'heic_display_p3.heic',
  ),
  { file: 'heic_alpha.heic', shows: 'rxby', size: UPRIGHT },
  {
    file: 'heic_grid_cut.heic',
    shows: 'rg--',
    size: UPRIGHT,
    notice: /about \d\d % of the picture never arrived/,
  },
  { file: 'person.heic', shows: '????', size: [720, 720] },
  { file: 'wide_11000.png', shows: 'kkkk', size: [11000, 400], notice: /reduced to 4096 x 149 px/ },
];

const RAW_FIX = /export it as JPEG/;
const SAVE_FIX = /save it as PNG or JPEG|export it as PNG or JPEG/;
const COPY_FIX = /Copy or download/;

export const REFUSED: readonly RefusedCase[] = [
  { file: 'jpeg_hardly.jpg', says: /only \d % of the picture arrived/, fix: COPY_FIX },
  { file: 'jpeg_head_only.jpg', says: /cut off before its end/, fix: COPY_FIX },
  { file: 'png_hardly.png', says: /only \d % of the picture arrived/, fix: COPY_FIX },
  { file: 'webp_hardly.webp', says: /cut off|only \d % of the picture/, fix: COPY_FIX },
  { file: 'avif_cut.avif', says: /cut off before its end/, fix: COPY_FIX },
  { file: 'heic_hardly.heic', says: /cut off before its end/, fix: COPY_FIX },
  { file: 'tiff.tif', says: /is a TIFF picture/, fix: SAVE_FIX },
  { file: 'tiff_named.jpg', says: /is a TIFF picture/, fix: SAVE_FIX },
  { file: 'jp2.jp2', says: /is a JPEG 2000 picture/, fix: SAVE_FIX },
  { file: 'jxl_stream.jxl', says: /is a JPEG XL picture/, fix: /Convert it to PNG or JPEG/ },
  { file: 'jxl_container.jxl', says: /is a JPEG XL picture/, fix: /Convert it to PNG or JPEG/ },
  { file: 'raw.cr2', says: /camera RAW file \(Canon CR2\)/, fix: RAW_FIX },
  { file: 'raw.cr3', says: /camera RAW file \(Canon CR3\)/, fix: RAW_FIX },
  { file: 'raw.nef', says: /camera RAW file \(Nikon NEF\)/, fix: RAW_FIX },
  { file: 'raw.arw', says: /camera RAW file \(Sony ARW\)/, fix: RAW_FIX },
  { file: 'raw.dng', says: /camera RAW file \(DNG\)/, fix: RAW_FIX },
  { file: 'raw.raf', says: /camera RAW file \(Fujifilm RAF\)/, fix: RAW_FIX },
  { file: 'raw.orf', says: /camera RAW file \(Olympus ORF\)/, fix: RAW_FIX },
  { file: 'raw.rw2', says: /camera RAW file \(Panasonic RW2\)/, fix: RAW_FIX },
  { file: 'photoshop.psd', says: /is a Photoshop file/, fix: SAVE_FIX },
  { file: 'drawing.svg', says: /is a drawing \(SVG\)/, fix: /PNG/ },
  { file: 'drawing_long_head.svg', says: /is a drawing \(SVG\)/, fix: /PNG/ },
  { file: 'document.pdf', says: /is a PDF document/, fix: /PNG or JPEG/ },
  { file: 'live_photo.mov', says: /is a video/, fix: /Live Photo use the still picture/ },
  { file: 'video.mp4', says: /is a video/, fix: /frame/ },
  { file: 'quicktime_old.mov', says: /is a video/, fix: /frame/ },
  { file: 'sequence.heics', says: /HEIC/, fix: /JPEG/ },
  { file: 'archive.zip', says: /is a zip archive/, fix: /Unpack/ },
  { file: 'page.jpg', says: /is a web page/, fix: /save the picture itself/ },
  { file: 'text.jpg', says: /is a text file/, fix: /photo of one standing person/ },
  { file: 'pointer.png', says: /is a Git LFS pointer/, fix: /git lfs pull/ },
  { file: 'empty.jpg', says: /is empty \(0 bytes\)/, fix: /again/ },
  { file: 'noise.jpg', says: /is not a picture/, fix: /PNG, JPEG, WebP, AVIF or HEIC/ },
  { file: 'small.png', says: /too small: 100 x 120 px/, fix: /at least 256 px/ },
  { file: 'wide_12001.png', says: /too large: 12001 x 300 px/, fix: /12,000 px/ },
];

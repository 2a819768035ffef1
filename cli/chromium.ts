/** Finds an installed Chrome or Chromium, and the flags that give it WebGL, WebGPU and workers without a display. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];

const FIXED_PATHS = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Path of a browser: STATUETTE_CHROMIUM, then the PATH, then the usual places. Undefined when there is none. */
export function findChromium(): string | undefined {
  const wanted = process.env.STATUETTE_CHROMIUM;
  if (wanted) return wanted;
  const folders = (process.env.PATH ?? '').split(delimiter);
  for (const name of NAMES) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (folder && existsSync(path)) return path;
    }
  }
  return FIXED_PATHS.find((path) => existsSync(path));
}

/** Keeps the browser quiet on the network: nothing of this app leaves the machine, and nothing of the browser should. */
export const QUIET_FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
] as const;

/** Software WebGL and WebGPU (SwiftShader), for machines without a GPU. */
export const SOFTWARE_GPU_FLAGS = [
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
] as const;

export const CHROMIUM_FLAGS = [...QUIET_FLAGS, ...SOFTWARE_GPU_FLAGS] as const;

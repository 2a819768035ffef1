/** The viewer's script as text: html/viewer.ts, bundled (cli/figure-viewer.ts). */
declare module 'virtual:figure-viewer' {
  const script: string;
  export default script;
}

/** The app's version, as the files carry it that it saves; package.json's (cli/version.test.ts). */
export const VERSION = '0.4.0';

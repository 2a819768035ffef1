/** Where the solver's own files look for the contract of its worker. */
export * from '../src/client/surface-api.ts';

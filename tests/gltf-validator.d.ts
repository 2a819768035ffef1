/** The parts of the Khronos glTF validator that we use; its package has no types. */
declare module 'gltf-validator' {
  export interface ValidationMessage {
    readonly code: string;
    readonly message: string;
    /** 0 error, 1 warning, 2 information, 3 hint. */
    readonly severity: 0 | 1 | 2 | 3;
    readonly pointer?: string;
  }
  export interface ValidationReport {
    readonly issues: {
      readonly numErrors: number;
      readonly numWarnings: number;
      readonly numInfos: number;
      readonly numHints: number;
      readonly messages: readonly ValidationMessage[];
      readonly truncated: boolean;
    };
    readonly info?: { readonly totalVertexCount: number; readonly totalTriangleCount: number };
  }
  export function version(): string;
  export function validateBytes(
    data: Uint8Array,
    options?: { readonly uri?: string; readonly maxIssues?: number; readonly writeTimestamp?: boolean },
  ): Promise<ValidationReport>;
}

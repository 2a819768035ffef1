/** One sentence for what parseArgs throws. */
export function argumentProblem(error: unknown): string;

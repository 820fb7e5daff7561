/** The debug module of last resort: lines on the error stream. The only place of the product that prints. */
import type { DebugModule } from '../../../interfaces/framework.js';

/** Prints `[level] message {details}` in one line. */
export const stderrDebugModule: DebugModule = {
  log(level, message, details) {
    const suffix = details === undefined ? '' : ` ${JSON.stringify(details)}`;
    process.stderr.write(`[${level}] ${message}${suffix}\n`);
  },
};

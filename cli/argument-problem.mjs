/** One sentence for what Node's parseArgs throws. Plain Node: start, test and setup run before anything is installed. */

/**
 * One sentence for what parseArgs throws.
 * @param {unknown} error
 * @returns {string}
 */
export function argumentProblem(error) {
  const option = /'?(--?[\w-]+)/.exec(error.message)?.[1] ?? 'an option';
  if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `There is no option ${option}.`;
  if (error.code === 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') {
    return /does not take/.test(error.message)
      ? `${option} takes no value.`
      : `${option} needs a value after it.`;
  }
  const word = /Unexpected argument '([^']*)'/.exec(error.message)?.[1];
  return word === undefined ? error.message.split('\n')[0] : `"${word}" is not an option of this command.`;
}

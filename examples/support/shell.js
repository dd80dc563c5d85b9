// Writes lines that a person copies into a shell.

/**
 * Makes the lines that set environment variables.
 *
 * @param {Record<string, string>} variables The values need no quotes: they are addresses and hexadecimal numbers.
 */
export function exports(variables) {
  const pairs = Object.entries(variables);
  const shell = `export ${pairs.map(([name, value]) => `${name}=${value}`).join(" ")}`;
  const powerShell = pairs.map(([name, value]) => `$env:${name} = "${value}"`).join("; ");
  return process.platform === "win32" ? powerShell : shell;
}

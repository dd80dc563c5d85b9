// The texts of `--help`.

import { COMMON } from "./arguments.js";

const NAME = "flowdock-integration";

/** @typedef {{ summary: string, usage: string[], about: string, options: import("./arguments.js").Options }} Described */

/** @param {Record<string, Described>} commands */
export function helpOfAll(commands) {
  const rows = Object.entries(commands).map(([name, { summary }]) => [name, summary]);
  return `Builds, checks and posts Flowdock integration messages.

${usage(["<command> [options]"])}

Commands:
${table(rows)}

Options:
${table([
  ["-h, --help", "print this help; after a command, the help of that command"],
  ["--version", "print the version"],
])}

The first message:
  export FLOWDOCK_URL=https://inbox.example.com   # the address of the server
  export FLOWDOCK_TOKEN=…                         # the flow token of the source
  npx ${NAME} post --title "Hello"

Exit codes:
${table([
  ["0", "all went well"],
  ["1", "a message breaks a rule, or was not posted"],
  ["2", "wrong use: an option, a setting or a file is missing or cannot be used"],
  ["130, 143", "ended by Ctrl-C, ended by SIGTERM"],
])}`;
}

/** @param {Described} command */
export function helpOf({ usage: lines, about, options }) {
  const rows = Object.entries({ ...options, ...COMMON }).map(([name, { value, short, multiple, help }]) => {
    const written = `${short ? `-${short}, ` : ""}--${name}${value ? ` <${value}>` : ""}`;
    return [written, multiple ? `${help}; repeatable` : help];
  });
  return `${usage(lines)}\n\n${about}\n\nOptions:\n${table(rows)}`;
}

/** @param {string[]} lines */
function usage(lines) {
  return lines.map((line, index) => `${index === 0 ? "Usage:" : "      "} ${NAME} ${line}`).join("\n");
}

/** @param {string[][]} rows */
function table(rows) {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}

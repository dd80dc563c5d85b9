#!/usr/bin/env node
// The command `flowdock-integration`: chooses a command, runs it, and turns its outcome into an exit code.

import { readFileSync } from "node:fs";
import process from "node:process";
import { FlowdockError } from "flowdock-integration";
import { readArguments } from "./arguments.js";
import * as check from "./commands/check.js";
import * as example from "./commands/example.js";
import * as post from "./commands/post.js";
import * as sanitize from "./commands/sanitize.js";
import { asJson, described } from "./error-text.js";
import { helpOf, helpOfAll } from "./help.js";
import { note, plain, print, printJson } from "./output.js";
import { WrongUse } from "./wrong-use.js";

const COMMANDS = { post, check, sanitize, example };

/** @param {string[]} given */
async function main([name, ...rest]) {
  if (name === "--help" || name === "-h") return say(helpOfAll(COMMANDS));
  if (name === "--version") return say(version());
  if (name === undefined) {
    note(helpOfAll(COMMANDS));
    return 2;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[/** @type {keyof typeof COMMANDS} */ (name)] : undefined;
  try {
    if (!command) throw new WrongUse(`there is no such command; the commands are ${Object.keys(COMMANDS).join(", ")}`);
    const read = readArguments(rest, command.options);
    if (read.values.help) return say(helpOf(command));
    return await command.run(read);
  } catch (error) {
    return fail(error, rest.includes("--json"), command);
  }
}

/** @param {string} text */
function say(text) {
  print(text);
  return 0;
}

function version() {
  return JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8")).version;
}

/**
 * Says why the command failed, in one line.
 *
 * @param {unknown} error
 * @param {boolean} isJson
 * @param {import("./help.js").Described} [command]
 */
function fail(error, isJson, command) {
  const { message } = /** @type {Error} */ (error);
  const isOfPackage = error instanceof FlowdockError;
  if (isJson) {
    const code = error instanceof WrongUse ? "wrong_use" : "unexpected";
    printJson({ error: isOfPackage ? asJson(error) : { code, message } });
  } else {
    note(`flowdock-integration: ${isOfPackage ? described(error) : plain(message)}`);
    if (error instanceof WrongUse && error.showsHelp && command) note(`\n${helpOf(command)}`);
  }
  return error instanceof WrongUse || (isOfPackage && error.code === "invalid_option") ? 2 : 1;
}

process.exitCode = await main(process.argv.slice(2));

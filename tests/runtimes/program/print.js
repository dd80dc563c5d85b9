// For a runtime with a command line: the argument is what the program is given, and the last line of output its result.
import * as flowdock from "flowdock-integration";
import { program } from "./program.js";

console.log(JSON.stringify(await program(flowdock, JSON.parse(process.argv.at(-1)))));

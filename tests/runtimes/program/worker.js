// For a web worker: it gets a message with what the program is given, and answers with its result.
import * as flowdock from "flowdock-integration";
import { program } from "./program.js";

globalThis.onmessage = async ({ data }) => postMessage(await program(flowdock, data));

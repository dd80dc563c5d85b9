// For a page and for every other environment in which somebody calls a global function.
import * as flowdock from "flowdock-integration";
import { program } from "./program.js";

globalThis.run = (given) => program(flowdock, given);

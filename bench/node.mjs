// A process of Node that times messages and sends the times to its parent process.

import { timeEncoding } from "./encode.mjs";
import { readMessages } from "./files.mjs";

const settings = JSON.parse(process.argv[2]);
process.send(timeEncoding(readMessages(), settings));

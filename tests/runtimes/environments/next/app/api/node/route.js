// The program in a route that runs in Node.

import * as flowdock from "flowdock-integration";
import { program } from "../../../program.js";

export async function POST(request) {
  return Response.json(await program(flowdock, await request.json()));
}

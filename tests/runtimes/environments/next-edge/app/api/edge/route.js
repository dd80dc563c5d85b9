// The program in a route that runs in the edge runtime.

import * as flowdock from "flowdock-integration";
import { program } from "../../../program.js";

export const runtime = "edge";

export async function POST(request) {
  return Response.json(await program(flowdock, await request.json()));
}

// For a worker at the edge, which answers a request with the result.
import * as flowdock from "flowdock-integration";
import { program } from "./program.js";

export default {
  async fetch(request) {
    return Response.json(await program(flowdock, await request.json()));
  },
};

// A worker that verifies the requests of a table.

import * as flowdock from "flowdock-integration";
import { judgeCalls } from "../../node/support/forge.js";

export default {
  async fetch(request) {
    return Response.json(await judgeCalls(flowdock, await request.json()));
  },
};

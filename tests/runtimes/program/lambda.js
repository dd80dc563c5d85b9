// For a function whose runtime calls its handler, as AWS Lambda does.
import * as flowdock from "flowdock-integration";
import { program } from "./program.js";

export const handler = async ({ body }) => ({
  statusCode: 200,
  body: JSON.stringify(await program(flowdock, JSON.parse(body))),
});

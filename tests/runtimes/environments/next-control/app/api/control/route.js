// A route without the package that runs in the edge runtime. If it fails, the edge route tells nothing of the package.

export const runtime = "edge";

export function POST() {
  return Response.json("control");
}

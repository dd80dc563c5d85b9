// The program in a server component: the page shows its result.

import * as flowdock from "flowdock-integration";
import { program } from "../../program.js";

export const dynamic = "force-dynamic";

export default async function Page({ searchParams }) {
  const { given } = await searchParams;
  return <pre>{JSON.stringify(await program(flowdock, JSON.parse(given)))}</pre>;
}

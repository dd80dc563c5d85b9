"use client";
// The program in a client component: the test calls the global function.

import * as flowdock from "flowdock-integration";
import { useEffect } from "react";
import { program } from "../../program.js";

export default function Page() {
  useEffect(() => {
    globalThis.run = (given) => program(flowdock, given);
  }, []);
  return <p>client</p>;
}

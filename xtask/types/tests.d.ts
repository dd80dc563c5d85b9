// What tsc cannot know of the tests and the benchmark.

import "node:net";

declare module "net" {
  interface Server {
    /** Each of the tests' servers listens on a port. */
    address(): AddressInfo;
  }
}

declare global {
  /** What tests and benchmark put into a page for a while. */
  interface Window {
    axe: any;
    bench: any;
    check: any;
    judge: any;
    ran: any;
    sanitize: any;
    times: any;
    tools: any;
    watched: any;
  }
  var bench: any;
}

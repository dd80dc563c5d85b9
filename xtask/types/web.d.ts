// What tsc cannot know of the JavaScript that runs in browsers: modules that the build makes, and globals that are there or not.

declare module "*.wasm" {
  const source: string | WebAssembly.Module;
  export default source;
}

declare module "*.wasm?module" {
  const source: WebAssembly.Module;
  export default source;
}

/** Whether this is an entry of the package for Cloudflare Workers. */
declare const WORKERD: boolean;
/** The version of the package. */
declare const VERSION: string;

/** Node's, and what stands in for it elsewhere. */
declare var Buffer: { from(text: string, encoding?: "hex"): Uint8Array<ArrayBuffer> } | undefined;

/** Of browsers that have them. */
declare var trustedTypes:
  | { createPolicy<Policy>(name: string, rules: Policy & { createHTML(html: string): string }): Policy }
  | undefined;

declare module "*/pkg/index.js" {
  export * from "flowdock-integration";
}

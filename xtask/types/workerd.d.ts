// The module of workerd that the tests' workers import.

declare module "cloudflare:workers" {
  export const DurableObject: any;
}

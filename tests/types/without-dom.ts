// The types where no library of types is loaded, neither that of the DOM nor that of Node: compiled by `tsc`, never run.

import { authenticationChallenge, Client, FlowdockError, verifyAction } from "flowdock-integration";
import { Outbox } from "flowdock-integration/outbox";
import { idbOutbox, wake } from "flowdock-integration/outbox/idb";
import { init } from "flowdock-integration/slim";

const client = new Client({
  baseUrl: "https://inbox.example.com",
  flowToken: "x",
  fetch: async (url, { method }) => ({
    status: 202,
    headers: { get: (name) => (name === url ? String(method) : null) },
    text: async () => "{}",
  }),
});
const file = { size: 1, type: "text/plain", arrayBuffer: async () => new ArrayBuffer(1) };
client.post({ event: "message", content: "x" }, { attachments: [file] });
authenticationChallenge("https://app.example/login").status satisfies number;
verifyAction({ headers: { a: ["b"] }, body: new Uint8Array(1), url: "https://app.example/" }, { secrets: ["x"] });
init(new Uint8Array(1)).then(() => FlowdockError.prototype.code);

const store = idbOutbox("messages");
const outbox = new Outbox({ store, client: () => client });
wake(outbox, store);
outbox.post(["a", "b"], { event: "message", content: "x" }).then(({ uuid }) => uuid satisfies string);

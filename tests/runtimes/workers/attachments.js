// A worker that posts the body of its request as a file.

import { activity, Client } from "flowdock-integration";

export default {
  async fetch(request, env) {
    const message = activity({
      author: "Doc",
      title: "x",
      body: '<img src="cid:odd">',
      external_thread_id: "files",
      thread: { title: "Files" },
    });
    const attachments = { odd: new File([await request.arrayBuffer()], 'Zürich "ü".bin', { type: "image/png" }) };
    const client = new Client({ baseUrl: env.URL, flowToken: env.TOKEN });
    return Response.json(await client.post(message, { attachments }));
  },
};

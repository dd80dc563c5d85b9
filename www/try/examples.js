// Example messages: the one of the integration guide, messages that could follow it, and mistakes that people make.

const author = { name: "Marty", avatar: "https://avatars.githubusercontent.com/u/3017123?v=3" };

const ticket = {
  title: "Polish the flux capacitor",
  fields: [{ label: "Dustiness", value: "5 - severe" }],
  body:
    "The flux capacitor has been in storage for more than 30 years " +
    "and it needs to be spick and span for the re-launch.",
  external_url: "https://example.com/projects/bttf/tickets/1234567",
  status: { color: "green", value: "open" },
};

const guide = { event: "activity", author, title: "updated ticket", external_thread_id: "1234567", thread: ticket };

const { external_thread_id: _, ...withoutThreadId } = guide;

/** @typedef {{ id: string, name: string, message: object, isMistake?: boolean, mode?: "json" }} Example */

/** @type {Example[]} */
export const examples = [
  {
    id: "example-guide",
    name: "The guide’s example",
    message: guide,
  },
  {
    id: "example-close",
    name: "Close the ticket",
    message: { ...guide, title: "closed ticket", thread: { ...ticket, status: { color: "grey", value: "closed" } } },
  },
  {
    id: "example-comment",
    name: "A comment",
    message: {
      ...guide,
      event: "discussion",
      title: 'commented on <a href="https://example.com/projects/bttf/tickets/1234567">1234567</a>',
      body: "<p>Under the dust it is in <em>good</em> shape:</p><ul><li>three arms</li><li>no cracks</li></ul>",
    },
  },
  {
    id: "example-chat",
    name: "A chat message",
    message: {
      event: "message",
      content: "1.21 gigawatts?",
      author,
      external_thread_id: "1234567",
      tags: ["power"],
      thread: ticket,
    },
  },
  {
    id: "example-actions",
    name: "With actions",
    message: {
      ...guide,
      thread: {
        ...ticket,
        actions: [
          { "@type": "ViewAction", name: "View", url: "https://example.com/projects/bttf/tickets/1234567" },
          {
            "@type": "UpdateAction",
            name: "Close",
            target: {
              "@type": "EntryPoint",
              urlTemplate: "https://example.com/projects/bttf/tickets/1234567/close",
              httpMethod: "POST",
            },
          },
        ],
      },
    },
  },
  {
    id: "example-empty",
    name: "An empty message",
    message: { event: "activity", thread: {} },
  },
  {
    id: "mistake-html",
    name: "HTML in a title",
    isMistake: true,
    message: { ...guide, title: "<b>updated</b> ticket" },
  },
  {
    id: "mistake-color",
    name: "The colour `gray`",
    isMistake: true,
    message: { ...guide, thread: { ...ticket, status: { color: "gray", value: "closed" } } },
  },
  {
    id: "mistake-thread-id",
    name: "No external thread id",
    isMistake: true,
    message: withoutThreadId,
  },
  {
    id: "mistake-types",
    name: "Wrong types and keys",
    isMistake: true,
    // The form has no inputs for these keys and types, so the example is shown as JSON.
    mode: "json",
    message: { ...guide, external_thread_id: 1234567, status: "open", tags: "dust, power" },
  },
];

// Makes whole messages from odd JavaScript values that JSON.stringify writes as valid parts.

/** @param {import("./maker.js").Maker} make */
export function whole(make) {
  const message = make.pick([() => ({}), () => Object.create(null)])();
  make.around.push(message);
  const set = (object, key, value) => {
    const given = make.mayRefuse && key !== "event" && make.chance(20) ? make.refusal() : value;
    if (make.chance(5))
      make.define(
        object,
        key,
        make.noted(`get ${key}`, () => given),
      );
    else make.set(object, key, given);
  };
  const text = () => carried(make, make.pick(["x", "é", "Great Scott!", "日本😀", "a\u2028b", 'say "\\"']));
  const url = () => carried(make, make.pick(["https://example.com/é", "http://e.e:8080/?a=1&b"]));
  const nothing = () => make.pick([null, NaN, new Date(NaN), { toJSON: () => null }]);
  const leftOut = () => make.pick([undefined, () => 1, Symbol("x"), { toJSON: () => undefined }]);
  const some = (object, parts) => {
    // The keys are set in random order.
    const keys = Object.keys(parts);
    while (keys.length > 0) {
      const [key] = keys.splice(make.below(keys.length), 1);
      const [given, need] = parts[key];
      if (need === "required" || make.chance(2)) set(object, key, given());
      // biome-ignore lint/suspicious/noDuplicateElseIf: each call draws a new random number
      else if (make.chance(2)) set(object, key, need === "nullable" ? nothing() : leftOut());
      if (make.chance(8)) make.set(object, `x${make.key()}`, make.inner());
    }
    return make.chance(5) ? make.proxy(object) : carried(make, object);
  };
  const list = (item) => {
    const items = Array.from({ length: make.below(3) }, item);
    return make.chance(5) ? make.proxy(items) : carried(make, items);
  };
  const objects = [() => ({}), () => Object.create(null), () => new (class Part {})()];
  const object = (parts) => () => some(make.pick(objects)(), parts);
  const author = object({ name: [text, "required"], avatar: [url], email: [() => carried(make, "doc@example.com")] });
  const color = () => carried(make, make.pick(["red", "green"]));
  const field = object({ label: [text, "required"], value: [text] });
  const target = object({
    "@type": [() => "EntryPoint", "required"],
    urlTemplate: [url, "required"],
    httpMethod: [() => carried(make, "POST"), "required"],
  });
  const action = (type) => ({ "@type": [() => type, "required"], name: [text, "required"] });
  const view = object({ ...action("ViewAction"), url: [url, "required"], image: [url] });
  const update = object({ ...action("UpdateAction"), target: [target, "required"] });
  const thread = object({
    title: [text, "required"],
    body: [text, "nullable"],
    external_url: [url, "nullable"],
    status: [object({ value: [text, "required"], color: [color] }), "nullable"],
    fields: [() => list(field), "nullable"],
    actions: [() => list(make.pick([view, update])), "nullable"],
  });
  const event = make.pick(["activity", "discussion", "message"]);
  const attachment = object({ id: [text, "required"] });
  const common = { event: [() => event, "required"], external_thread_id: [text, "required"], uuid: [text] };
  some(message, {
    ...common,
    tags: [() => list(text)],
    ...(event === "message"
      ? {
          content: [text, "required"],
          author: [author],
          thread: [thread],
        }
      : {
          title: [text, "required"],
          author: [author, "required"],
          thread: [thread, "required"],
          body: [text, "nullable"],
          attachments: [() => list(attachment)],
        }),
  });
  return message;
}

/** Wraps a value in an object for which JSON.stringify writes the value. */
function carried(make, value) {
  switch (make.below(10)) {
    case 0:
      return typeof value === "string" ? Object(value) : value;
    case 1:
      return { toJSON: make.noted("toJSON", () => value) };
    case 2:
      return Object.assign(() => 1, { toJSON: make.noted("toJSON", () => value) });
    case 3:
      return Object.create({ toJSON: make.noted("toJSON", () => value) });
    default:
      return value;
  }
}

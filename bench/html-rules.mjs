// Reads the rules of HTML from docs/rules.md, which is generated from the rule table.

import { readFileSync } from "node:fs";

export function readRules() {
  const page = readFileSync(new URL("../docs/rules.md", import.meta.url), "utf8");
  const names = (text) => [...text.matchAll(/`(\w+)`(?: \(([^)]*)\))?/g)].map(([, name, schemes]) => [name, schemes]);
  const section = (title) => {
    const text = page.split(`### ${title}\n`)[1].split("\n#")[0];
    const elements = names(/^Elements: .*/m.exec(text)[0]).map(([name]) => name);
    const attributes = new Map(elements.map((element) => [element, new Map()]));
    for (const [, holders, allowed] of text.matchAll(/^- (.*?): (.*)$/gm)) {
      for (const element of holders === "everywhere" ? elements : names(holders).map(([name]) => name)) {
        for (const [name, schemes] of names(allowed)) attributes.get(element).set(name, schemes?.split(", "));
      }
    }
    return { elements, attributes };
  };
  return { title: section("Title HTML"), body: section("Body HTML") };
}

// The style sheet of the pages.

const css = `
:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif; }
body { max-width: 40rem; margin: 0 auto; padding: 1rem; }
header a { color: inherit; font-weight: bold; text-decoration: none; }
h1 { overflow-wrap: anywhere; line-height: 1.2; }
section { border-top: 1px solid #8886; margin-top: 2rem; }
label { display: block; margin: 0.5rem 0; }
input:not([type=checkbox]) { display: block; box-sizing: border-box; width: 100%; padding: 0.4rem; font: inherit; }
form { margin: 0.5rem 0; }
button { padding: 0.3rem 0.8rem; font: inherit; cursor: pointer; }
#options { padding: 0; }
#options form { margin: 0; }
#options li { display: flex; gap: 0.75rem; align-items: center; padding: 0.25rem 0; border-bottom: 1px solid #8884; }
#options span { flex: 1; overflow-wrap: anywhere; }
#options output { font-weight: bold; }
.status { padding: 0 0.4rem; border-radius: 0.3rem; color: #fff; }
.status.open { background: #1a7f37; }
.status.closed { background: #b42318; }
`;

/** `GET /style.css` */
export function style() {
  return new Response(css, { headers: { "content-type": "text/css; charset=utf-8" } });
}

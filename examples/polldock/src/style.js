// The style sheet of the pages.

const css = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f3f8, #14121a);
  --card: light-dark(#fff, #1d1a26);
  --text: light-dark(#231f2e, #e8e4f0);
  --quiet: light-dark(#625b73, #aaa3bb);
  --line: light-dark(#dcd8e6, #383244);
  --edge: light-dark(#857d97, #847c95);
  --accent: light-dark(#5b3fc4, #b09dff);
  --on-accent: light-dark(#fff, #17131f);
  --good: light-dark(#1a7f37, #6fd18a);
  --danger: light-dark(#b42318, #ff9c91);
  font: 100%/1.5 system-ui, sans-serif;
}
* { box-sizing: border-box; }
body {
  max-width: 44rem; min-height: 100vh; margin: 0 auto; padding: 0 1rem 3rem; background: var(--ground);
  color: var(--text); overflow-wrap: anywhere;
}
html { background: var(--ground); }
header { padding: 1rem 0; }
header a { display: inline-flex; gap: 0.5rem; align-items: center; color: inherit; font-weight: 700; text-decoration: none; }
header a::before {
  width: 1.5rem; height: 1.5rem; border-radius: 0.35rem; content: "";
  background: linear-gradient(var(--on-accent) 0 0) 0.3rem 0.9rem / 0.2rem 0.35rem,
    linear-gradient(var(--on-accent) 0 0) 0.65rem 0.6rem / 0.2rem 0.65rem,
    linear-gradient(var(--on-accent) 0 0) 1rem 0.3rem / 0.2rem 0.95rem, var(--accent);
  background-repeat: no-repeat;
}
main {
  padding: clamp(1rem, 4vw, 2rem); border: 1px solid var(--line); border-radius: 0.75rem; background: var(--card);
}
h1 { margin: 0 0 0.75rem; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 0 0 0.75rem; font-size: 1.1rem; }
p { margin: 0 0 1rem; }
section { margin-top: 2rem; padding-top: 1.5rem; border-top: 1px solid var(--line); }
a { color: var(--accent); }
small, .quiet { color: var(--quiet); font-size: 0.9rem; font-weight: 400; }
form { margin: 0; }

label { display: block; margin: 0 0 1rem; font-weight: 600; }
.check { display: flex; gap: 0.5rem; align-items: center; font-weight: 400; }
.check input { width: 1.1rem; height: 1.1rem; accent-color: var(--accent); }
input:not([type=checkbox]) {
  display: block; width: 100%; min-height: 2.6rem; margin-top: 0.25rem; padding: 0.4rem 0.7rem;
  border: 1px solid var(--edge); border-radius: 0.4rem; background: var(--card); color: inherit; font: inherit; font-weight: 400;
}
input::placeholder { color: var(--quiet); }
button, .button {
  display: inline-block; min-height: 2.6rem; padding: 0.45rem 1.1rem; border: 1px solid var(--accent);
  border-radius: 0.4rem; background: var(--accent); color: var(--on-accent); font: inherit; font-weight: 600;
  text-decoration: none; cursor: pointer;
}
button:hover, .button:hover { filter: brightness(1.12); }
button.plain, .button.plain, #options button { border-color: var(--edge); background: transparent; color: var(--text); }
button.plain:hover, .button.plain:hover, #options button:hover { background: var(--ground); filter: none; }
button.danger { border-color: var(--danger); background: var(--danger); color: light-dark(#fff, #1d0f0d); }
a.danger { color: var(--danger); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.links { display: flex; flex-wrap: wrap; gap: 0.75rem 1.25rem; align-items: center; margin: 1.5rem 0 0; }
.links a.danger { margin-left: auto; }
.line { display: flex; gap: 0.75rem; align-items: end; }
.line label { flex: 1; min-width: 0; margin: 0; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(14rem, 100%), 1fr)); gap: 0 1rem; }

.first { margin-top: 1rem; padding: 1.25rem; border: 0; border-radius: 0.6rem; background: var(--ground); }
.steps { display: grid; gap: 0.9rem; margin: 0; padding: 0; list-style: none; counter-reset: step; }
.steps li { display: grid; grid-template-columns: 1.75rem minmax(0, 1fr); gap: 0.75rem; counter-increment: step; }
.steps li::before {
  width: 1.75rem; height: 1.75rem; border: 2px solid var(--accent); border-radius: 50%; color: var(--accent);
  content: counter(step); font-size: 0.9rem; font-weight: 700; line-height: 1.5rem; text-align: center;
}
.steps .done { color: var(--quiet); }
.steps .done::before { border-color: var(--good); color: var(--good); content: "✓"; }
.empty { padding: 1.5rem; border: 1px dashed var(--edge); border-radius: 0.6rem; color: var(--quiet); text-align: center; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.polls, #options { margin: 0 0 1rem; padding: 0; list-style: none; }
.polls li { display: flex; gap: 1rem; align-items: center; justify-content: space-between; padding: 0.7rem 0; border-bottom: 1px solid var(--line); }
.polls a { font-weight: 600; }
.status { flex: none; padding: 0.05rem 0.6rem; border: 1px solid; border-radius: 1rem; font-size: 0.85rem; font-weight: 600; }
.status.open { color: var(--good); }
.status.closed { color: var(--danger); }
#options li {
  display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: 0.4rem 0.9rem; align-items: center;
  padding: 0.8rem 0; border-bottom: 1px solid var(--line);
}
#options li.mine > span { font-weight: 700; }
#options li.mine > span::after { margin-left: 0.5rem; color: var(--good); content: "✓"; }
#options output { min-width: 1.5rem; font-weight: 700; font-variant-numeric: tabular-nums; text-align: right; }
#options button { min-height: 2.25rem; padding: 0.25rem 0.9rem; }
#options meter { grid-column: 1 / -1; width: 100%; height: 0.5rem; border: 0; border-radius: 1rem; appearance: none; background: var(--line); }
#options meter::-webkit-meter-inner-element { display: block; }
#options meter::-webkit-meter-bar { height: 0.5rem; border: 0; border-radius: 1rem; background: var(--line); }
#options meter::-webkit-meter-optimum-value { border-radius: 1rem; background: var(--accent); }
#options meter::-moz-meter-bar { border-radius: 1rem; background: var(--accent); }
@media (max-width: 30rem) {
  #options li:has(form) > span { grid-column: 1 / 3; }
  #options li form { grid-area: 2 / 2 / auto / 4; }
  #options li:has(form) meter { grid-area: 2 / 1; }
}
#comments { margin: 0 0 1rem; padding: 0; list-style: none; }
#comments li { padding: 0.4rem 0; }
#comments:empty { display: none; }
#flows { margin: 0; padding-left: 1.2rem; }
.problem { color: var(--danger); }
`;

/** `GET /style.css` */
export function style() {
  return new Response(css, { headers: { "content-type": "text/css; charset=utf-8" } });
}

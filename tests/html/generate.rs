//! Fragments to be judged.

/// Tricks that are known to fool scanners and sanitisers.
pub const CORPUS: &[&str] = &[
    "",
    "x",
    "1 < 2",
    "a <3",
    "< a>",
    "a=1&lt=2",
    "&lt;script&gt;",
    "&amp;lt;b>",
    "<a title=\"<b> >\" href=https://e>x</a>",
    "<a/href=https://e>x</a>",
    "<a href=\"https://e\"onclick=x>y</a>",
    "<a href=https://e HREF=javascript:x>y</a>",
    "<a =onclick>y</a>",
    "<a xlink:href=x>y</a>",
    "<img src=\"mailto:x\">",
    "<blockquote cite=javascript:x>y</blockquote>",
    "x</p>",
    "x</br>",
    "</>",
    "x<",
    "x</",
    "<a href=\"https://x",
    "<a b>y",
    "</a x=\"",
    "<a b/>",
    "<!--><img src=https://e>-->",
    "<!--->",
    "<!-- x --!>y",
    "<![CDATA[<a>]]>x",
    "<!DOCTYPE x \">y",
    "<?x>y",
    "<noscript><p title=\"</noscript><img src=https://e>\">",
    "<svg></p><style><a id=\"</style><img src=https://e>\">",
    "<script><!--<script></script>x</script>y",
    "<plaintext>x<b>",
    "<image src=https://e>",
    "<a\0>x",
    "‹ſcript>",
    "<dd><div><dd></div>x</dd>",
    "<table><i><div><table></table></div></i>z</table>",
    "<p><div></p>",
    "<a href=https://e><table><tr><td><a href=https://f>x</a></td></tr></table></a>",
    "Body with <b>HTML<b> formatting",
    "<p>a<p>b",
    "<ul><li>a<li>b</ul>",
    "<table>x<tr>y<td>z",
    "<table><tr><td>a<td>b<tr><td>c",
    "<b><p>x</b>y</p>",
    "<h1><h2>x</h1>y</h2>",
    "<p><b>x</p>y</b>z",
    "<a>x<a>y</a>",
    "<a><div>x<a>y</div></a>",
    "<table><caption>x<td>y",
    "<math><mi><p>x</math>",
    "<select><option>x</select>y",
    "<template><td>x</template>y",
    "<textarea></p></textarea>x",
    "\u{feff}<b>x</b>",
    "<table><tr><td></b></td></tr></table>",
    "<b><table></b></table></b>",
    "<li><div><li></div></li>",
    "<pre>\n\nx</pre>",
    "</table>",
    "<td>x",
    "<b><b><b><b>x</b></b></b></b>",
    "<dl><dt>a<dd>b<dt>c</dl>",
    "<details><summary>x</summary><p>y</details>",
    "<i><table><td></i>x",
];

const ELEMENTS: &[&str] = &[
    "a",
    "b",
    "i",
    "code",
    "span",
    "sub",
    "p",
    "div",
    "blockquote",
    "address",
    "ul",
    "ol",
    "li",
    "dl",
    "dt",
    "dd",
    "h1",
    "h2",
    "pre",
    "table",
    "caption",
    "tbody",
    "thead",
    "tr",
    "td",
    "th",
    "br",
    "hr",
    "img",
    "wbr",
    "details",
    "summary",
    "section",
    "script",
    "style",
    "svg",
    "math",
    "select",
    "option",
    "textarea",
    "title",
    "template",
    "noscript",
    "iframe",
    "object",
    "form",
    "button",
    "center",
    "nobr",
    "col",
    "xmp",
    "plaintext",
    "x-y",
    "font",
];
/// The first so many of the elements are allowed in a body.
const ALLOWED: u32 = 33;

const ATTRIBUTES: &[&str] = &[
    " href=https://e",
    " href=\"mailto:a@b.c\"",
    " href='javascript:x'",
    " onclick=x",
    " title=\"<b>\"",
    " title='a\"b'",
    " TITLE=x",
    " dir=ltr",
    " src=https://e",
    " src=cid:x",
    " style=x",
    " open",
    "/",
    " =",
    " x=\"",
    " lang='",
    " title=a&lt",
    " colspan=2",
];

const TEXTS: &[&str] = &[
    "x",
    " ",
    "\n",
    "<",
    ">",
    "&",
    "&lt;",
    "\"",
    "'",
    "=",
    "/",
    "é",
    "😀",
    "\0",
    "--",
    "-->",
    "<!--",
    "<!",
    "<?",
    "</",
    "]]>",
    "<![CDATA[",
    "\t",
    "\r\n",
    "a b",
    "&nbsp;",
    "<!-->",
    "--!>",
    "<3",
    "&#60;",
    "\u{a0}",
];

/// Random numbers that are the same at every run (xorshift).
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 33) as u32 % limit
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len() as u32) as usize]
    }
}

/// A fragment of up to a dozen pieces, most of them tags that a body allows.
pub fn fragment(random: &mut Random) -> String {
    let mut html = String::new();
    for _ in 0..=random.below(12) {
        let element = match random.below(10) {
            0 => random.of(ELEMENTS),
            _ => ELEMENTS[random.below(ALLOWED) as usize],
        };
        match random.below(10) {
            0..=3 => {
                html += &format!("<{element}");
                for _ in 0..random.below(3) {
                    html += random.of(ATTRIBUTES);
                }
                html += if random.below(40) == 0 { "" } else { ">" };
            }
            4..=6 => html += &format!("</{element}>"),
            _ => html += random.of(TEXTS),
        }
    }
    html
}

/// The corpus, and then so many generated fragments.
pub fn all(inputs: u32, seed: u64) -> impl Iterator<Item = String> {
    let mut random = Random::new(seed);
    let corpus =
        CORPUS.iter().map(|html| (*html).to_owned()).chain([format!("{}x", "<b>".repeat(600)), "<div>".repeat(600)]);
    corpus.chain((0..inputs).map(move |_| fragment(&mut random)))
}

//! Tests with known tricks: whether a title and a body accept each of them, accept it with a warning, or refuse it.

use flowdock_integration::{Report, Severity, check_body, check_title};

fn verdict(report: &Report) -> &'static str {
    match report
        .violations()
        .iter()
        .map(|violation| violation.severity)
        .max_by_key(|severity| *severity == Severity::Error)
    {
        None => "yes",
        Some(Severity::Warning) => "warns",
        Some(Severity::Error) => "no",
    }
}

#[test]
fn each_trick_is_accepted_or_refused_as_the_table_says() {
    let deep = "<b>".repeat(600);
    let many_attributes = format!("<a{}>x</a>", " x=1".repeat(20_000));
    let table: &[(&str, &str, &str)] = &[
        // Text that looks like markup, and markup that is allowed.
        ("1 < 2", "yes", "yes"),
        ("a <3", "yes", "yes"),
        ("a=1&lt=2", "yes", "yes"),
        ("&lt;script&gt;", "yes", "yes"),
        ("‹ſcript>", "yes", "yes"),
        ("<a title=\"<b> >\" href=https://e>x</a>", "yes", "yes"),
        ("<a/href=https://e>x</a>", "yes", "yes"),
        ("<a href=https://e title=x>y</a>", "yes", "yes"),
        ("\u{feff}<b>x</b>", "no", "yes"),
        // Attributes.
        ("<a href=\"https://e\"onclick=x>y</a>", "no", "no"),
        ("<a href=https://e HREF=https://f>x</a>", "no", "no"),
        ("<a HREF=https://f href=https://e>x</a>", "no", "no"),
        ("<a =onclick>x</a>", "no", "no"),
        ("<a xlink:href=https://e>x</a>", "no", "no"),
        ("<img src=\"mailto:x\">", "no", "no"),
        ("<blockquote cite=javascript:x>y</blockquote>", "no", "no"),
        (&many_attributes, "no", "no"),
        // Tags that create an element or reach outside the fragment.
        ("x</p>", "no", "warns"),
        ("x</br>", "no", "warns"),
        ("</>", "no", "no"),
        ("x<", "no", "no"),
        ("x</", "no", "no"),
        ("<a href=\"https://x", "no", "no"),
        ("<a title=x>y", "no", "warns"),
        ("</a x=\"", "no", "no"),
        ("<a title=x />", "no", "warns"),
        // Comments and raw text.
        ("<!--><img src=https://e>-->", "no", "no"),
        ("<!--->", "no", "no"),
        ("<!-- x --!>", "no", "no"),
        ("<![CDATA[<a>]]>x", "no", "no"),
        ("<!DOCTYPE x \">y", "no", "no"),
        ("<?x>", "no", "no"),
        ("<noscript><p title=\"</noscript><img src=https://e>\">", "no", "no"),
        ("<svg></p><style><a id=\"</style><img src=https://e>\">", "no", "no"),
        ("<script><!--<script></script>", "no", "no"),
        ("<plaintext>x", "no", "no"),
        ("<image src=https://e>", "no", "no"),
        // Numeric references before the colon are decoded, named ones are refused.
        ("<a href='&#109;ailto&#58;a@e.org'>x</a>", "yes", "yes"),
        ("<a href=&#x68;ttps://e>x</a>", "yes", "yes"),
        ("<a href='&#106;avascript:x'>x</a>", "no", "no"),
        ("<a href='&Tab;https://e'>x</a>", "no", "no"),
        ("<a href='ht&#9;tps://e'>x</a>", "no", "no"),
        ("<a href='https&colon;//e'>x</a>", "no", "no"),
        ("<a\0>x</a>", "no", "no"),
        // List items outside any list.
        ("<li>x</li>", "no", "warns"),
        ("<dd>x</dd><dt>y</dt>", "no", "warns"),
        ("<div><b><li>x</li></b></div>", "no", "warns"),
        ("<section><li>x</li></section>", "no", "yes"),
        ("<ul><div><li>x</li></div></ul>", "no", "yes"),
        // Nested elements.
        ("Body with <b>HTML<b> formatting", "no", "warns"),
        ("<p><div></p>", "no", "warns"),
        ("<dd><div><dd></div>x</dd>", "no", "no"),
        ("<table><i><div><table></table></div></i>z</table>", "no", "no"),
        ("<table><tr><td><a href=https://e><table><tr><td>x</td></tr></table></a></td></tr></table>", "no", "yes"),
        (&deep, "no", "no"),
    ];
    for (html, title, body) in table {
        let short: String = html.chars().take(80).collect();
        assert_eq!((verdict(&check_title(html)), verdict(&check_body(html))), (*title, *body), "{short}");
    }
}

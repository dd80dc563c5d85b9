//! Generates the rule reference, `docs/rules.md`.

use std::fmt::Write as _;

use flowdock_integration::html::{BODY, Policy, TITLE};
use flowdock_integration::schema::{Form, MESSAGE, Need, Row, Source, rows};
use flowdock_integration::{Code, Severity};

pub fn rules() -> String {
    let mut text = String::from(concat!(
        "# The rules of a message\n\n",
        "Generated from the rule table in `src/schema/table.rs` by `cargo xtask build`; do not edit.\n\n",
        "A path is a JSON Pointer; `N` stands for any index. An *error* stops a message, a *warning* never does. *From* says\n",
        "where a rule comes from: `guide`, the integration guides; `docs`, the rest of Flowdock's public API documentation;\n",
        "`seen`, the source or tests of existing clients; `ours`, decided here where the others are silent or disagree.\n\n",
        "## Keys\n\n",
        "| path | activity | discussion | message | meaning | value | codes | from |\n",
        "|---|---|---|---|---|---|---|---|\n",
    ));
    for row in rows() {
        writeln!(text, "{}", line(&row)).ok();
    }
    let ids = MESSAGE.one_of.as_ref().map(|one_of| one_of.keys.join("` and `/")).unwrap_or_default();
    write!(
        text,
        "\nAt least one of `/{ids}` must be present and not blank: `{}`. A chat message without both stands in the flow\n\
         itself, outside any thread; for it this is a warning.\n\n\
         In all of these objects except attachments, an unknown key gives the warning `{}`, which names the key that was probably\n\
         meant. The key is sent as it is. Only the server sets these keys (`{}`): {}.\n",
        Code::RequiredOneOf,
        Code::UnknownField,
        Code::ReadOnly,
        read_only().join("; "),
    )
    .ok();
    text.push_str("\n## HTML\n");
    for (policy, heading) in [(&TITLE, "Title HTML"), (&BODY, "Body HTML")] {
        html(policy, heading, &mut text);
    }
    text.push_str("\n## Codes\n\n| code | severity | meaning |\n|---|---|---|\n");
    for code in Code::ALL {
        let severity = match code.severity() {
            Severity::Error if *code == Code::HtmlUnbalanced => "error in a title, warning in a body",
            Severity::Error if *code == Code::RequiredOneOf => "error, warning in a chat message",
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        writeln!(text, "| `{code}` | {severity} | {} |", code.about()).ok();
    }
    text
}

fn line(row: &Row) -> String {
    let Row { path, object, rule } = row;
    // The columns of an object with its own tag are its types. The columns of any other object are the events.
    let by_type = object.tag.is_some() && object.name != MESSAGE.name;
    let needs: Vec<&str> =
        (0..3).map(|column| need(if by_type { type_need(row) } else { rule.need(column) })).collect();
    let mut codes: Vec<Code> = Vec::new();
    let all = || rule.needs.iter();
    if all().any(|need| matches!(need, Need::Required | Need::RequiredByDefault)) {
        codes.push(Code::Required);
    }
    if all().any(|need| *need == Need::Recommended) {
        codes.push(Code::Recommended);
    }
    if all().any(|need| *need == Need::NotUsed) {
        codes.push(Code::NotUsed);
    }
    if object.one_of.as_ref().is_some_and(|one_of| one_of.keys.contains(&rule.key)) {
        codes.push(Code::RequiredOneOf);
    }
    codes.extend(rule.form.codes());
    let codes = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(" ");
    let from = rule.from.iter().map(|source| match source {
        Source::Guide => "guide",
        Source::Docs => "docs",
        Source::Seen => "seen",
        Source::Ours => "ours",
    });
    format!(
        "| `{path}` | {} | {}{} | {} | {codes} | {} |",
        needs.join(" | "),
        variants(row),
        rule.about,
        value(&rule.form),
        from.collect::<Vec<_>>().join(", "),
    )
}

/// The strictest need of a key among the types of an object with its own tag. [`variants`] names those types.
fn type_need(row: &Row) -> Need {
    row.rule.needs.iter().copied().find(|need| *need == Need::Required).unwrap_or(row.rule.need(0))
}

/// Names the types that use a key; empty if all of them do.
fn variants(row: &Row) -> String {
    let Some(tag) = row.object.tag.as_ref().filter(|_| row.object.name != MESSAGE.name) else { return String::new() };
    let users: Vec<String> = (0..tag.values.len())
        .filter(|column| row.rule.need(*column) != Need::NotUsed)
        .map(|column| format!("`{}`", tag.values[column]))
        .collect();
    if users.len() == tag.values.len() { String::new() } else { format!("For {} only. ", users.join(" or ")) }
}

fn need(need: Need) -> &'static str {
    match need {
        Need::Required => "required",
        Need::RequiredByDefault => "required, unless `thread: \"optional\"`",
        Need::Holds => "see its keys",
        Need::Recommended => "recommended",
        Need::Optional => "optional",
        Need::NotUsed => "not used",
    }
}

fn value(form: &Form) -> String {
    match form {
        Form::Text(_) => "string".into(),
        Form::Html(policy) => format!("string, HTML of {}", policy.place),
        Form::Url => "absolute http or https URL".into(),
        Form::UrlTemplate => "absolute http or https URL, `{…}` allowed".into(),
        Form::Email => "e-mail address".into(),
        Form::Choice(words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Form::Tags => "array of strings, or a string with commas".into(),
        Form::Attachments => "array of objects".into(),
        Form::Object(_) => "object".into(),
        Form::List(_) => "array of objects".into(),
    }
}

fn read_only() -> Vec<String> {
    let mut objects = vec![("a message", &MESSAGE)];
    objects.extend(rows().iter().filter_map(|row| match row.rule.form {
        Form::Object(object) | Form::List(object) if !object.read_only.is_empty() => Some((row.rule.key, object)),
        _ => None,
    }));
    let keys = |keys: &[&str]| keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    objects.into_iter().map(|(name, object)| format!("of {name}, {}", keys(object.read_only))).collect()
}

fn html(policy: &Policy, heading: &str, text: &mut String) {
    let list = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ");
    writeln!(text, "\n### {heading}\n\nElements: {}.\n\nAttributes:\n", list(policy.elements)).ok();
    if !policy.everywhere.is_empty() {
        writeln!(text, "- everywhere: {}", list(policy.everywhere)).ok();
    }
    for (elements, attributes) in policy.attributes {
        let attributes = attributes.iter().map(|attribute| match attribute.schemes {
            Some(schemes) => format!("`{}` ({})", attribute.name, schemes.join(", ")),
            None => format!("`{}`", attribute.name),
        });
        writeln!(text, "- {}: {}", list(elements), attributes.collect::<Vec<_>>().join(" ")).ok();
    }
}

//! Generates the TypeScript types of messages and codes.

use std::fmt::Write as _;

use flowdock_integration::schema::{Form, MESSAGE, Need, Object, Rule};
use flowdock_integration::{Code, ErrorCode};

use super::type_name;
use crate::run::Done;

/// The line after which the declarations are generated. All lines before it are written by hand.
const MARK: &str = "// ---- generated ----\n";

/// Returns the declarations with everything after the mark generated anew.
pub fn complete(declarations: &str) -> Done<String> {
    let (by_hand, _) =
        declarations.split_once(MARK).ok_or("the declarations have lost their line `// ---- generated ----`")?;
    let mut text = format!("{by_hand}{MARK}");
    let mut done = Vec::new();
    object(&MESSAGE, 0, MESSAGE.name, &mut text, &mut done)?;
    text.push_str(concat!(
        "\n/** A file that comes with a message. */\nexport interface Attachment {\n",
        "  /** The name by which a body can show it: `<img src=\"cid:…\">`. */\n  id?: string | null | undefined;\n  [key: string]: unknown;\n}\n",
    ));
    codes(
        "The rule that a violation breaks.",
        "ViolationCode",
        Code::ALL.iter().map(|code| (code.as_str(), code.about())),
        &mut text,
    );
    codes(
        "Why an operation failed.",
        "ErrorCode",
        ErrorCode::ALL.iter().map(|code| (code.as_str(), code.about())),
        &mut text,
    );
    Ok(text)
}

/// Writes the types of an object and of every object in it, each once. `name` is the name of the object's type.
fn object(object: &'static Object, outer: usize, name: &str, text: &mut String, done: &mut Vec<String>) -> Done {
    if done.iter().any(|done| done == name) {
        return Ok(());
    }
    done.push(name.to_owned());
    let Some(tag) = &object.tag else {
        interface(name, object, outer, None, text)?;
        return inner(object, outer, name, text, done);
    };
    if tag.names != [name] {
        writeln!(text, "\n/** {} */\nexport type {name} = {};", about(name)?, tag.names.join(" | ")).ok();
    }
    for (column, (name, value)) in tag.names.iter().zip(tag.values).enumerate() {
        interface(name, object, column, Some((tag.key, value)), text)?;
    }
    for (column, name) in tag.names.iter().enumerate() {
        inner(object, column, name, text, done)?;
    }
    Ok(())
}

/// Returns what a type describes.
fn about(name: &str) -> Done<&'static str> {
    Ok(match name {
        "Message" => "A message in Flowdock's format.",
        "Activity" => "Something happened to an item.",
        "Discussion" => "Somebody commented on an item outside Flowdock.",
        "ChatMessage" => "A chat message, in the thread of an item or in the flow itself.",
        "Author" => "Who did it, or who wrote it.",
        "ChatMessageAuthor" => "Who wrote a chat message. Each key may be missing.",
        "Thread" => "An item in another tool, as it is now. Each message replaces the state of its thread.",
        "Status" => "The status of an item, with its colour.",
        "Field" => "A label and a value that say more about an item.",
        "Action" => "What a user can do with an item from within Flowdock.",
        "ViewAction" => "An action that opens a link.",
        "UpdateAction" => "An action that sends a request to your service.",
        "EntryPoint" => "The request of an UpdateAction.",
        _ => return Err(format!("the type {name} has no sentence in xtask/src/generate/types.rs").into()),
    })
}

/// Writes the types of the objects in an object.
fn inner(holder: &'static Object, column: usize, name: &str, text: &mut String, done: &mut Vec<String>) -> Done {
    for rule in holder.rules.iter().filter(|rule| rule.need(column) != Need::NotUsed) {
        if let Form::Object(inner) | Form::List(inner) = rule.form {
            object(inner, column, &type_name(inner, column, name), text, done)?;
        }
    }
    Ok(())
}

fn interface(name: &str, object: &'static Object, column: usize, tag: Option<(&str, &str)>, text: &mut String) -> Done {
    writeln!(text, "\n/** {} */\nexport interface {name} {{", about(name)?).ok();
    for rule in object.rules.iter().filter(|rule| rule.need(column) != Need::NotUsed) {
        writeln!(text, "  /** {} */", rule.about).ok();
        let key = if rule.key.starts_with('@') { format!("\"{}\"", rule.key) } else { rule.key.to_owned() };
        // An optional key may also be null or undefined. JSON leaves undefined out.
        let (optional, missing) = match rule.need(column) {
            Need::Required | Need::Holds => ("", ""),
            _ => ("?", " | null | undefined"),
        };
        let value = match tag {
            Some((key, value)) if key == rule.key => format!("\"{value}\""),
            _ => value(rule, column, name),
        };
        writeln!(text, "  {key}{optional}: {value}{missing};").ok();
    }
    text.push_str("}\n");
    Ok(())
}

fn value(rule: &Rule, column: usize, holder: &str) -> String {
    match rule.form {
        Form::Text(_) | Form::Html(_) | Form::Url | Form::UrlTemplate | Form::Email => "string".to_owned(),
        Form::Choice(words) => words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" | "),
        Form::Tags => "readonly string[] | string".to_owned(),
        Form::Attachments => "readonly Attachment[]".to_owned(),
        Form::Object(object) => type_name(object, column, holder),
        Form::List(object) => format!("readonly {}[]", type_name(object, column, holder)),
    }
}

fn codes(about: &str, name: &str, codes: impl Iterator<Item = (&'static str, &'static str)>, text: &mut String) {
    writeln!(text, "\n/** {about} */\nexport type {name} =").ok();
    for (code, about) in codes {
        writeln!(text, "  /** {about} */\n  | \"{code}\"").ok();
    }
    // Puts a semicolon after the last code, which ends the type.
    text.pop();
    text.push_str(";\n");
}

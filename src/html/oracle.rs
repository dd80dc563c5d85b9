//! Compares the scanner with two independent tokenizers: those of html5ever and html5gum.

use std::cell::RefCell;

use html5ever::buffer_queue::BufferQueue;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Token as Theirs, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

use super::scan::{Kind, Scanner};

#[path = "../../tests/html/generate.rs"]
mod generate;

/// A token, as far as all three tokenizers know it. Comments are left out, and neighbouring texts are joined, because
/// no rule tells them apart.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Start(String, Vec<(String, String)>),
    End(String),
    Text(String),
}

/// Adds a token. Texts are compared only in a plain fragment: elsewhere a tokenizer changes them when it normalises the
/// input or decodes references, and no rule depends on that.
fn push(tokens: &mut Vec<Token>, token: Token, plain: bool) {
    match (token, tokens.last_mut()) {
        (Token::Text(_), _) if !plain => {}
        (Token::Text(more), Some(Token::Text(text))) => text.push_str(&more),
        (token, _) => tokens.push(token),
    }
}

fn name(raw: &str) -> String {
    raw.to_ascii_lowercase().replace('\0', "\u{fffd}")
}

fn is_plain(html: &str) -> bool {
    !html.contains(['&', '\r', '\0'])
}

/// Returns the first attribute of each name. The values are left out if they may contain references.
fn attributes(all: impl Iterator<Item = (String, String)>, plain: bool) -> Vec<(String, String)> {
    let mut first: Vec<(String, String)> = Vec::new();
    for (name, value) in all {
        if !first.iter().any(|(known, _)| *known == name) {
            first.push((name, if plain { value } else { String::new() }));
        }
    }
    first.sort();
    first
}

fn ours(html: &str) -> Vec<Token> {
    let plain = is_plain(html);
    let mut tokens = Vec::new();
    let mut scanner = Scanner::new(html);
    let mut at = 0;
    while let Some(token) = scanner.next() {
        assert_eq!(token.start, at, "{html:?} is cut without a gap");
        assert!(token.end > token.start, "{html:?} goes on");
        at = token.end;
        let text = &html[token.start..token.end];
        let attributes = || {
            let all = scanner.attributes.iter().map(|attribute| (name(attribute.name), attribute.value.to_owned()));
            attributes(all, plain)
        };
        match token.kind {
            Kind::Text => push(&mut tokens, Token::Text(text.to_owned()), plain),
            Kind::Start(found) => tokens.push(Token::Start(name(found), attributes())),
            Kind::End(found) => tokens.push(Token::End(name(found))),
            // A browser shows these two as text.
            Kind::Malformed(_) if matches!(text, "<" | "</") => push(&mut tokens, Token::Text(text.to_owned()), plain),
            Kind::Malformed(_) => {}
        }
    }
    assert_eq!(at, html.len(), "{html:?} is cut to its end");
    tokens
}

struct Sink {
    plain: bool,
    tokens: RefCell<Vec<Token>>,
}

impl TokenSink for Sink {
    type Handle = ();

    fn process_token(&self, token: Theirs, _line: u64) -> TokenSinkResult<()> {
        let tokens = &mut *self.tokens.borrow_mut();
        match token {
            Theirs::CharacterTokens(text) => push(tokens, Token::Text(text.to_string()), self.plain),
            Theirs::NullCharacterToken => {}
            Theirs::TagToken(tag) => {
                let name = tag.name.to_string();
                if tag.kind == html5ever::tokenizer::TagKind::EndTag {
                    tokens.push(Token::End(name));
                    return TokenSinkResult::Continue;
                }
                let all = tag.attrs.iter().map(|attr| (attr.name.local.to_string(), attr.value.to_string()));
                let raw = match name.as_str() {
                    "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                    "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
                    "style" | "xmp" | "iframe" | "noembed" | "noframes" | "noscript" => {
                        TokenSinkResult::RawData(RawKind::Rawtext)
                    }
                    "plaintext" => TokenSinkResult::Plaintext,
                    _ => TokenSinkResult::Continue,
                };
                tokens.push(Token::Start(name, attributes(all, self.plain)));
                return raw;
            }
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

fn html5ever(html: &str) -> Vec<Token> {
    let sink = Sink { plain: is_plain(html), tokens: RefCell::default() };
    let options = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let tokenizer = Tokenizer::new(sink, options);
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(html));
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.tokens.into_inner()
}

fn html5gum(html: &str) -> Vec<Token> {
    let plain = is_plain(html);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut emitter = html5gum::DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut tokens = Vec::new();
    for token in html5gum::Tokenizer::new_with_emitter(html, emitter).flatten() {
        match token {
            html5gum::Token::StartTag(tag) => {
                let all = tag.attributes.iter().map(|(name, value)| (text(name), text(value)));
                tokens.push(Token::Start(text(&tag.name), attributes(all, plain)));
            }
            html5gum::Token::EndTag(tag) => tokens.push(Token::End(text(&tag.name))),
            html5gum::Token::String(found) => push(&mut tokens, Token::Text(text(&found)), plain),
            _ => {}
        }
    }
    tokens
}

#[test]
fn all_three_tokenizers_find_the_same_tokens() {
    for html in generate::all(generate::inputs(), 0x70ce25) {
        let ours = ours(&html);
        assert_eq!(ours, html5ever(&html), "html5ever of {html:?}");
        assert_eq!(ours, html5gum(&html), "html5gum of {html:?}");
    }
}

//! A JSON text that was read: a flat list of tokens, in the order of the text, and the values that they stand for.

/// A JSON text and its values.
///
/// A string without an escape stays where it is in the text.
#[derive(Debug, Default)]
pub struct Document<'t> {
    pub(crate) text: &'t str,
    pub(crate) tokens: Vec<Token>,
    /// What the strings mean that have escapes in the text.
    pub(crate) decoded: Vec<String>,
    /// Whether half of a surrogate pair stands anywhere in the text.
    pub(crate) has_halves: bool,
}

/// A value, or the key of one: in an object a key stands before each value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub kind: Kind,
    /// Whether half of a surrogate pair stood in the string.
    pub has_half: bool,
    /// Its first byte in the text.
    pub start: u32,
    /// The byte behind its last one.
    pub end: u32,
    /// For an object or array: the index behind its last token. For a string with escapes: its index in [`Document::decoded`].
    pub link: u32,
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    True,
    False,
    Number,
    String,
    /// A string that has escapes in the text.
    Escaped,
    Array,
    Object,
    NotJson(NotJson),
}

/// Something in a JavaScript object for which there is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotJson {
    /// A BigInt, which `JSON.stringify` refuses.
    BigInt,
    /// An object that holds itself.
    Cycle,
    /// A getter or a `toJSON` that threw.
    Thrown,
    /// An object or array deeper than [`MAX_DEPTH`](super::MAX_DEPTH).
    TooDeep,
    /// A value that goes beyond the longest text: 2^24 UTF-16 code units from JavaScript, [`MAX_BYTES`](super::MAX_BYTES) in Rust.
    TooLarge,
}

/// The shape of a [`Value`].
#[derive(Debug)]
pub enum Node<'d> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as it is written.
    Number(&'d str),
    /// A string, without its escapes.
    String(&'d str),
    /// An array.
    Array(Items<'d>),
    /// An object.
    Object(Entries<'d>),
    /// Something for which there is no JSON.
    NotJson(NotJson),
}

/// A value of a document.
#[derive(Clone, Copy, Debug)]
pub struct Value<'d> {
    document: &'d Document<'d>,
    index: usize,
}

/// The items of an array.
#[derive(Clone, Debug)]
pub struct Items<'d>(Cursor<'d>);

/// The keys of an object, each with its value.
#[derive(Clone, Debug)]
pub struct Entries<'d>(Cursor<'d>);

/// Steps from value to value inside one object or array, past what stands inside those values.
#[derive(Clone, Debug)]
struct Cursor<'d> {
    document: &'d Document<'d>,
    next: usize,
    end: usize,
}

/// What stands where there is no token.
const NO_TOKEN: Token = Token { kind: Kind::Null, has_half: false, start: 0, end: 0, link: 0 };

impl NotJson {
    /// The one whose mark a text begins with.
    pub(crate) fn marked(text: &[u8]) -> Option<Self> {
        const ALL: [NotJson; 5] =
            [NotJson::BigInt, NotJson::Cycle, NotJson::Thrown, NotJson::TooDeep, NotJson::TooLarge];
        ALL.into_iter().find(|what| text.starts_with(what.mark().as_bytes()))
    }

    /// What stands for it in a text from JavaScript.
    const fn mark(self) -> &'static str {
        match self {
            Self::BigInt => "!b",
            Self::Cycle => "!c",
            Self::Thrown => "!t",
            Self::TooDeep => "!d",
            Self::TooLarge => "!l",
        }
    }

    /// What a person calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BigInt => "a BigInt",
            Self::Cycle => "an object that holds itself",
            Self::Thrown => "a value that throws when it is read",
            Self::TooDeep => "a value nested deeper than 128 levels",
            Self::TooLarge => "a value of more than 16 million characters",
        }
    }
}

impl Node<'_> {
    /// What a person calls it.
    pub fn name(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Number(_) => "a number",
            Node::String(_) => "a string",
            Node::Array(_) => "an array",
            Node::Object(_) => "an object",
            Node::NotJson(what) => what.name(),
        }
    }
}

impl<'t> Document<'t> {
    /// The outermost value.
    pub fn root(&self) -> Value<'_> {
        Value { document: self, index: 0 }
    }

    /// The text that was read.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// Whether half of a surrogate pair stands anywhere in the text, as an escape.
    pub fn has_halves(&self) -> bool {
        self.has_halves
    }

    #[inline(always)]
    fn token(&self, index: usize) -> Token {
        self.tokens.get(index).copied().unwrap_or(NO_TOKEN)
    }

    /// The content of a string.
    fn string(&self, token: Token) -> &str {
        match token.kind {
            Kind::Escaped => self.decoded.get(token.link as usize).map_or("", String::as_str),
            // Without its quotation marks.
            _ => self.text.get(token.start as usize + 1..(token.end as usize).saturating_sub(1)).unwrap_or_default(),
        }
    }
}

/// A document without a value.
static NOTHING: Document<'static> = Document { text: "", tokens: Vec::new(), decoded: Vec::new(), has_halves: false };

impl<'d> Value<'d> {
    /// Null, for a value that is not there.
    pub const NULL: Self = Value { document: &NOTHING, index: 0 };

    #[inline(always)]
    fn token(self) -> Token {
        self.document.token(self.index)
    }

    /// What this value is.
    pub fn node(self) -> Node<'d> {
        let token = self.token();
        match token.kind {
            Kind::Null => Node::Null,
            Kind::True => Node::Bool(true),
            Kind::False => Node::Bool(false),
            Kind::Number => Node::Number(self.json()),
            Kind::String | Kind::Escaped => Node::String(self.document.string(token)),
            Kind::Array => Node::Array(Items(self.inside(token))),
            Kind::Object => Node::Object(Entries(self.inside(token))),
            Kind::NotJson(what) => Node::NotJson(what),
        }
    }

    fn inside(self, token: Token) -> Cursor<'d> {
        Cursor { document: self.document, next: self.index + 1, end: token.link as usize }
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.token().kind == Kind::Null
    }

    /// The value of a key of an object; none where there is no such key, or no object. Of a key that stands there twice the last one
    /// counts, as for `JSON.parse`.
    pub fn part(self, wanted: &str) -> Option<Self> {
        self.entries().filter(|(key, _)| *key == wanted).last().map(|(_, value)| value)
    }

    /// The text of a string; none of anything else.
    pub fn text(self) -> Option<&'d str> {
        if let Node::String(text) = self.node() { Some(text) } else { None }
    }

    /// The items of an array; none of anything else.
    pub fn items(self) -> Items<'d> {
        Items(self.inside_of(Kind::Array))
    }

    /// The keys and values of an object; none of anything else.
    pub fn entries(self) -> Entries<'d> {
        Entries(self.inside_of(Kind::Object))
    }

    fn inside_of(self, kind: Kind) -> Cursor<'d> {
        let token = self.token();
        let nothing = Cursor { document: self.document, next: 0, end: 0 };
        if token.kind == kind { self.inside(token) } else { nothing }
    }

    /// The JSON text of this value; of what is no JSON its mark.
    pub fn json(self) -> &'d str {
        let token = self.token();
        match token.kind {
            // A value that is not there has no text.
            Kind::Null => "null",
            // Not all of it may be there.
            Kind::NotJson(what) => what.mark(),
            _ => self.document.text.get(token.start as usize..token.end as usize).unwrap_or_default(),
        }
    }

    /// Whether the text was cut in this value: it is too large, or what it holds last is. Nothing is known of what would follow.
    pub fn is_cut(self) -> bool {
        let token = self.token();
        let last = match token.kind {
            Kind::Array | Kind::Object => self.document.token((token.link as usize).saturating_sub(1)),
            _ => token,
        };
        last.kind == Kind::NotJson(NotJson::TooLarge)
    }

    /// Where this value begins in the text, in bytes.
    pub fn start(self) -> usize {
        self.token().start as usize
    }

    /// The key of this value, which must be one of an object.
    pub fn key(self) -> Self {
        Self { index: self.index.saturating_sub(1), ..self }
    }

    /// Whether half of a surrogate pair stood in this string; U+FFFD stands there instead.
    pub fn has_half(self) -> bool {
        self.document.has_halves && self.token().has_half
    }
}

impl<'d> Cursor<'d> {
    #[inline(always)]
    fn next(&mut self) -> Option<Value<'d>> {
        if self.next >= self.end {
            return None;
        }
        let value = Value { document: self.document, index: self.next };
        let token = value.token();
        self.next = match token.kind {
            Kind::Array | Kind::Object => token.link as usize,
            _ => self.next + 1,
        };
        Some(value)
    }
}

impl<'d> Iterator for Items<'d> {
    type Item = Value<'d>;

    fn next(&mut self) -> Option<Value<'d>> {
        self.0.next()
    }
}

impl<'d> Iterator for Entries<'d> {
    type Item = (&'d str, Value<'d>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = self.0.next()?;
        Some((key.document.string(key.token()), self.0.next()?))
    }
}

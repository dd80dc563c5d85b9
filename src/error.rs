//! The codes of everything that can go wrong. Every other module may use this one, and it uses none of them.
//!
//! Programs decide by these codes. The sentences beside them are for people, and may change.

use std::fmt;

use serde::{Serialize, Serializer};

/// Defines an enum of codes: its variants, the text of each, and the list of all variants.
macro_rules! codes {
    ($(#[$about:meta])* $name:ident { $(#[doc = $doc:literal] $variant:ident = $text:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum $name { $(#[doc = $doc] $variant,)+ }

        impl $name {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// Returns the text of the code, as in JavaScript, JSON and logs.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)+ }
            }

            /// Returns what the code means, in Markdown. It is left out of the WebAssembly build, where nobody reads
            /// it.
            #[cfg(not(target_arch = "wasm32"))]
            #[must_use]
            pub const fn about(self) -> &'static str {
                match self { $($name::$variant => $doc.trim_ascii(),)+ }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        /// The text of the code as well, so that a search for what a program printed finds its documentation.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

codes! {
    /// The rule that a [`Violation`](crate::Violation) breaks.
    ///
    /// ```
    /// use flowdock_integration::Code;
    /// assert_eq!(Code::RequiredOneOf.as_str(), "required_one_of");
    /// ```
    Code {
        /// A required key is missing, null or blank (guide).
        Required = "required",
        /// None of several keys is present, and at least one must be (guide). In a chat message a warning (docs).
        RequiredOneOf = "required_one_of",
        /// A key that makes this message useful is missing or blank: a warning (guide).
        Recommended = "recommended",
        /// A value of the wrong JSON type, or one that JSON cannot hold (ours).
        InvalidType = "invalid_type",
        /// A text that is no JSON, in a report on JSON text (ours).
        InvalidJson = "invalid_json",
        /// A known key that an object of a JSON text has twice; servers differ in which one they take (ours).
        DuplicateKey = "duplicate_key",
        /// Half of a surrogate pair, as a text cut in the middle of an emoji has one: a warning, and U+FFFD is sent in its place (ours).
        NotWellFormed = "not_well_formed",
        /// A word that is not one of the allowed words (docs).
        InvalidChoice = "invalid_choice",
        /// A text of the wrong form, such as a token with white space (docs).
        InvalidFormat = "invalid_format",
        /// Not an absolute http or https URL (guide).
        InvalidUrl = "invalid_url",
        /// Not an e-mail address by the definition of the HTML standard (guide).
        InvalidEmail = "invalid_email",
        /// More characters than allowed, counted as Unicode scalar values (docs).
        TooLong = "too_long",
        /// White space beside a comma in a string of tags: a warning (seen).
        TagWhitespace = "tag_whitespace",
        /// Some attachments have an id and some have none (docs).
        MixedAttachmentIds = "mixed_attachment_ids",
        /// A key that no document names: a warning, and the key is sent (ours).
        UnknownField = "unknown_field",
        /// A key that the server alone sets: a warning (docs).
        ReadOnly = "read_only",
        /// A key of another event: a warning (ours).
        NotUsed = "not_used",
        /// An element that a title or a body does not allow (docs).
        HtmlTagNotAllowed = "html_tag_not_allowed",
        /// An attribute that its element does not allow, a second one of the same name, or one on an end tag (ours).
        HtmlAttributeNotAllowed = "html_attribute_not_allowed",
        /// A URL whose scheme is not allowed, or that names none (ours).
        HtmlUrlNotAllowed = "html_url_not_allowed",
        /// Markup that is neither text nor a whole tag: a comment, a NUL, a value that ends inside a tag (ours).
        HtmlMalformed = "html_malformed",
        /// Start and end tags that do not match (ours).
        HtmlUnbalanced = "html_unbalanced",
        /// A body that may not stay inside the element that shows it: it closes or reopens an element around it, or is nested too deep (ours).
        HtmlNotContained = "html_not_contained",
        /// A tag in a value that is shown as plain text: a warning (ours).
        HtmlInPlainText = "html_in_plain_text",
    }
}

codes! {
    /// Why an operation failed: the `code` of a `FlowdockError`.
    ErrorCode {
        /// The message breaks a rule; the report says which. Nothing was sent.
        InvalidMessage = "invalid_message",
        /// An option is missing, unknown or invalid. Nothing was sent.
        InvalidOption = "invalid_option",
        /// WebAssembly cannot be compiled here, for example because a Content-Security-Policy forbids it. Nothing was sent.
        WasmUnavailable = "wasm_unavailable",
        /// The outbox could not store the message: it is full, or its storage failed. Nothing was sent.
        Storage = "storage",
        /// The server refused the body for its size (413).
        TooLarge = "too_large",
        /// The server does not know who is asking (401).
        Unauthorized = "unauthorized",
        /// The server knows who is asking, and does not allow it (403).
        Forbidden = "forbidden",
        /// No such address, or an unknown flow token (404).
        NotFound = "not_found",
        /// A user removed the source (410): stop posting, and delete what is stored for it.
        SourceRemoved = "source_removed",
        /// Too many requests (429).
        RateLimited = "rate_limited",
        /// The server failed (5xx), or asked for the request again (408, 425).
        Server = "server",
        /// The request did not get through, or its answer did not get back.
        Network = "network",
        /// No answer within the time allowed.
        Timeout = "timeout",
        /// The caller aborted the signal.
        Aborted = "aborted",
        /// The server redirected the request (3xx), which would carry the token elsewhere.
        RedirectRefused = "redirect_refused",
        /// The server refused the message, mostly with an error for each field (400 and other 4xx).
        Rejected = "rejected",
        /// The answer does not come from this API.
        BadResponse = "bad_response",
        /// A user came back with a `state` other than the one that was sent (RFC 6749, 10.12).
        StateMismatch = "state_mismatch",
        /// The user did not allow it.
        AccessDenied = "access_denied",
        /// A code or a refresh token that was used, has expired, was revoked or is unknown: ask the user again.
        InvalidGrant = "invalid_grant",
        /// The user allowed less than is needed.
        ScopeMissing = "scope_missing",
        /// A request has no `FLOWDOCK-TOKEN`.
        TokenMissing = "token_missing",
        /// The request's token is not a JWT, or lacks claims.
        TokenMalformed = "token_malformed",
        /// The request's token names an algorithm other than HS256, or more than one.
        AlgorithmRefused = "algorithm_refused",
        /// The request's token was signed with another secret, or not at all.
        SignatureInvalid = "signature_invalid",
        /// The request's token has expired.
        TokenExpired = "token_expired",
        /// The request's body is not the one that was signed.
        BodyMismatch = "body_mismatch",
        /// The request was signed for another URL.
        UrlMismatch = "url_mismatch",
        /// The request's token came before.
        Replayed = "replayed",
    }
}

impl Code {
    /// Returns the severity of every violation with this code. There are two exceptions: `html_unbalanced` is a warning
    /// in a body, and `required_one_of` is a warning in a chat message.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self {
            Code::Recommended
            | Code::TagWhitespace
            | Code::UnknownField
            | Code::ReadOnly
            | Code::NotUsed
            | Code::NotWellFormed
            | Code::HtmlInPlainText => Severity::Warning,
            _ => Severity::Error,
        }
    }
}

impl Severity {
    /// Returns the text of the severity, as in JavaScript and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

/// Whether a violation stops a message from being encoded and posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The violation stops the message.
    Error,
    /// The violation never stops the message. It names something that is probably a mistake.
    Warning,
}

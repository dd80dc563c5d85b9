//! Compresses answers for clients that accept gzip. Lists shrink to about a fifth.

use axum::http::header;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};

/// The shortest answer that is compressed, in bytes. A shorter one fits into one packet anyway.
const MIN_BYTES: u64 = 1024;

/// The media types that are compressed. Streams are not: each event has to leave at once.
const TYPES: [&str; 7] = [
    "application/javascript",
    "application/json",
    "application/wasm",
    "image/svg+xml",
    "text/css",
    "text/html",
    "text/javascript",
];

/// The layer that compresses with gzip.
pub fn layer() -> CompressionLayer<And<SizeAbove, IsCompressible>> {
    CompressionLayer::new()
        // The slower levels save little more and hold up other requests.
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(MIN_BYTES).and(IsCompressible))
}

/// Whether the answer has one of the `TYPES`.
#[derive(Clone, Copy)]
pub struct IsCompressible;

impl Predicate for IsCompressible {
    fn should_compress<B>(&self, response: &axum::http::Response<B>) -> bool {
        let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        media_type.is_some_and(|media_type| TYPES.iter().any(|known| media_type.starts_with(known)))
    }
}

//! Measures the core on the host, without JavaScript: the cost for a Rust program, and the part of the core in the time
//! of the npm package.

use std::hint::black_box;

use criterion::Criterion;
use flowdock_integration::{Options, encode, html, validate};
use serde_json::Value;

/// The messages of the JavaScript benchmark.
const MESSAGES: &str = include_str!("../bench/messages.json");

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let messages: Value = serde_json::from_str(MESSAGES).expect("bench/messages.json is JSON");

    let mut group = criterion.benchmark_group("validate");
    for name in ["typical", "large", "nonAscii", "oneFault", "manyFaults"] {
        let message = &messages[name];
        group.bench_function(name, |bencher| bencher.iter(|| validate(black_box(message), Options::default())));
    }
    group.finish();

    let mut group = criterion.benchmark_group("encode");
    for name in ["typical", "large", "nonAscii"] {
        let message = &messages[name];
        assert!(encode(message, Options::default()).is_ok(), "{name} breaks a rule");
        group.bench_function(name, |bencher| bencher.iter(|| encode(black_box(message), Options::default())));
    }
    group.finish();

    let title = text(&messages, "/typical/title");
    let body = text(&messages, "/large/thread/body");
    criterion.bench_function("check_title", |bencher| {
        bencher.iter(|| flowdock_integration::check_title(black_box(title)));
    });
    criterion.bench_function("check_body", |bencher| {
        bencher.iter(|| flowdock_integration::check_body(black_box(body)));
    });
    criterion.bench_function("sanitize_body", |bencher| bencher.iter(|| html::sanitize(black_box(body), &html::BODY)));
    criterion.final_summary();
}

fn text<'a>(messages: &'a Value, path: &str) -> &'a str {
    messages.pointer(path).and_then(Value::as_str).expect("bench/messages.json has the text")
}

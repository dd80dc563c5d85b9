//! The log: lines on stderr, as text or as JSON.
//!
//! A thread of its own writes them. If nobody reads stderr, or its disk is full, lines are lost, and the inbox goes on.

use clap::ValueEnum;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};

/// How many lines may wait to be written. Beyond it lines are lost.
const MAX_WAITING: usize = 10_000;

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, for programs.
    Json,
}

/// What the log tells.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum LogLevel {
    /// What went wrong in the inbox.
    Error,
    /// Also what may become a problem.
    Warn,
    /// Also every request.
    #[default]
    Info,
}

/// Starts to write the log of this process. Keep the guard: when it is dropped, the lines that wait are written.
pub fn start(format: LogFormat, level: LogLevel) -> WorkerGuard {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
    };
    let (stderr, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(MAX_WAITING).thread_name("log").finish(std::io::stderr());
    // An error of the log would otherwise be printed on stderr, which panics if that is what fails.
    let lines = tracing_subscriber::fmt().log_internal_errors(false).with_max_level(level).with_target(false);
    let lines = lines.with_writer(stderr);
    match format {
        LogFormat::Text => lines.with_ansi(false).init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    guard
}

//! The inbox from outside: the real binary, over real HTTP on loopback.
//!
//! Nothing here waits for a time to pass. A test waits for an answer, for a line of a stream or for the end of the
//! process; the client's time limit only keeps a broken inbox from holding the tests up for ever.

mod cors;
mod durability;
mod host;
mod post;
mod read;
mod samples;
mod start;
mod stop;
mod stream;
mod threads;
mod www;

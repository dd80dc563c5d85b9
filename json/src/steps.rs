//! Counts the steps of a scan, in debug builds and under the fuzzer, so that a test can see that it is linear.

#[cfg(any(debug_assertions, fuzzing))]
mod counted {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    /// Counts steps.
    pub fn count(steps: usize) {
        STEPS.set(STEPS.get() + steps);
    }

    /// How many steps were counted in this thread since this was asked.
    pub fn taken() -> usize {
        STEPS.replace(0)
    }
}

#[cfg(any(debug_assertions, fuzzing))]
pub use counted::{count, taken};

/// Counts nothing.
#[cfg(not(any(debug_assertions, fuzzing)))]
#[inline(always)]
pub const fn count(_: usize) {}
